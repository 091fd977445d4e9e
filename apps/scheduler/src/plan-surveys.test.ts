/** Which chats are surveyed now: all but those that are to be retried later, a hundred per job. */
import type { ChatRow } from '@tgsync/shared/db';
import { jobs } from '@tgsync/shared/jobs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planSurveys } from './plan-surveys.js';

const now = new Date('2026-01-01T12:00:00Z');
const chat = (id: bigint, parts: Partial<ChatRow> = {}) => ({ id, state: 'new', retryAt: null, ...parts }) as ChatRow;
const planned = (chats: ChatRow[]) =>
  planSurveys(chats, now).map((it) => (it.name === 'survey-chats' ? it.payload.chatIds : []));

test('no chats, no jobs', () => {
  expect(planSurveys([], now)).toEqual([]);
});

test('every chat is in one job, in order, and the queue takes each', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), { maxLength: 350, size: 'max' }),
      (ids) => {
        const batches = planned(ids.map((id) => chat(id)));
        expect(batches.flat()).toEqual(ids);
        expect(batches).toHaveLength(Math.ceil(ids.length / 100));
        const keys = batches.map((chatIds) => jobs['survey-chats'].key({ chatIds }));
        expect(new Set(keys).size).toBe(keys.length);
      },
    ),
  );
});

test.each<[string, Partial<ChatRow>, boolean]>([
  ['never surveyed', {}, true],
  ['readable', { state: 'ok', retryAt: new Date(now.getTime() + 1) }, true],
  ['unreadable, to be retried later', { state: 'unreadable', retryAt: new Date(now.getTime() + 1) }, false],
  ['unreadable, to be retried now', { state: 'unreadable', retryAt: now }, true],
  ['unreadable, without a date', { state: 'unreadable', retryAt: null }, true],
])('a chat that is %s', (_what, parts, due) => {
  expect(planned([chat(5n, parts)])).toEqual(due ? [[5n]] : []);
});
