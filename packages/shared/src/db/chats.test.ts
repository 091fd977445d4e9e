/** Rows of chats are the same, whoever reads them. */
import { findChat, wantedChatRows, wantedOf } from '@tgsync/shared/db';
import { expect } from 'vitest';
import { test } from '@tgsync/testing';
import { accountId, addChat } from '@tgsync/testing/pages';

test('wanted chats are returned completely, ordered by id or as requested', async ({ db }) => {
  const at = new Date('2026-11-29T12:00:00.123Z');
  const data = { kind: 'channel', title: 'Cats', wanted: true };
  const place = {
    id: 3n,
    username: 'cats',
    accessHash: -(2n ** 62n),
    rangeFrom: 5n,
    rangeTo: 9n,
    topMessage: 7n,
    pts: 4,
  };
  const state = {
    state: 'unreadable',
    stateReason: 'gone',
    retryAt: at,
    surveyedAt: at,
    changedAt: at,
    migratedTo: -5n,
  };
  const period = {
    since: at,
    until: null,
    sinceId: 6n,
    untilId: null,
    boundsAt: at,
    rulesApplied: false,
    deletions: 'mirror',
  };
  const full = { ...place, ...state, ...period };
  await addChat(db, { ...data, ...full });
  await addChat(db, { ...data, id: 1n });
  await addChat(db, { ...data, id: 2n, wanted: false });
  const rows = [await findChat(db, 1n), await findChat(db, 3n)];
  expect(rows[1]).toEqual({ ...data, ...full, accountId });
  expect(await wantedChatRows(db)).toEqual(rows);
  expect(await wantedOf(db, [3n, 2n, 99n, 1n])).toEqual(rows.toReversed());
});
