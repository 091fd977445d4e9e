/** What a tick waits for before it calls the chats of tg.chats known. */
import type { SelectorRow } from '@tgsync/shared/db';
import { expect, test } from 'vitest';
import { isResolved, planResolution } from './plan-resolution.js';

const [before, since, now, later] = [1000, 2000, 3000, 4000].map((it) => new Date(it)) as [Date, Date, Date, Date];
const row = (more: Partial<SelectorRow>): SelectorRow => ({
  text: 'folder:Work',
  kind: 'folder',
  exclude: [],
  chatIds: [],
  username: null,
  usernameNow: null,
  note: null,
  problem: null,
  triedAt: null,
  retryAt: null,
  ...more,
});

test('one job for all of them, and none where ids name every chat', () => {
  expect(planResolution([])).toEqual([]);
  expect(planResolution([row({}), row({ text: '*', kind: 'all' })])).toMatchObject([{ name: 'resolve-chats' }]);
});

test.each<[string, Partial<SelectorRow>, boolean]>([
  ['never asked', {}, false],
  ['asked by an earlier scheduler only', { triedAt: before, chatIds: [1n] }, false],
  ['asked since', { triedAt: since }, true],
  ['a name that was ever resolved', { kind: 'name', triedAt: before, chatIds: [1n] }, true],
  ['a name that nobody had, to be asked for later', { kind: 'name', triedAt: before, retryAt: later }, true],
  ['a name that nobody had, due again', { kind: 'name', triedAt: before, retryAt: now }, false],
])('%s: %o → %s', (_what, more, expected) => {
  expect(isResolved(row(more), since, now)).toBe(expected);
});
