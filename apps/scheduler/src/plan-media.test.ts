/** Files are planned chat by chat in turn, each once, and the next poll continues where this one ended. */
import type { OwedMedia, OwedNothingMore } from '@tgsync/shared/db';
import { expect, test } from 'vitest';
import { planMedia } from './plan-media.js';

const of = (chatId: bigint, ids: readonly bigint[]): OwedMedia[] =>
  ids.map((id) => ({ chatId, chatTitle: `chat ${chatId}`, kind: 'photo', id, name: null }));
const none = (chatId: bigint): OwedNothingMore => ({ chatId, chatTitle: 'x', kind: null, id: null, name: null });
const idsOf = (plan: ReturnType<typeof planMedia>) =>
  plan.jobs.map((it) => (it.name === 'download-media' ? it.payload.id : undefined));

test('nothing is owed when no chat waits', () => {
  expect(planMedia([], 10)).toEqual({ jobs: [], cursors: [], isOwed: false });
});

test('one of each chat in turn, and a file of several chats once', () => {
  const plan = planMedia([...of(1n, [10n, 11n, 12n]), ...of(2n, [11n, 20n])], 100);
  expect(idsOf(plan)).toEqual([10n, 11n, 20n, 12n]);
  expect(plan.jobs[0]).toMatchObject({ name: 'download-media', title: 'chat 1: photo 10' });
});

test('a chat continues after its share, and starts over once it was searched to the end', () => {
  const plan = planMedia([...of(1n, [10n, 11n]), ...of(2n, [20n])], 4);
  expect(plan.cursors).toEqual([{ chatId: 1n, kind: 'photo', id: 11n }]);
});

test('a chat that was searched to the end is still owed something', () => {
  expect(planMedia([none(1n)], 4)).toEqual({ jobs: [], cursors: [], isOwed: true });
});
