/** Rows of chats are the same, whoever reads them. */
import { findChat, wantedChatRows, wantedOf } from '@tgsync/shared/db';
import { expect } from 'vitest';
import { test } from '@tgsync/testing';

test('wanted chats come whole, by id or as they were asked for', async ({ db }) => {
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
  const state = { state: 'unreadable', stateReason: 'gone', retryAt: at, surveyedAt: at, migratedTo: -5n };
  const full = { ...place, ...state };
  await db.chat.createMany({
    data: [
      { ...data, ...full },
      { ...data, id: 1n },
      { ...data, id: 2n, wanted: false },
    ],
  });
  const rows = await db.chat.findMany({ where: { wanted: true }, orderBy: { id: 'asc' } });
  expect(await wantedChatRows(db)).toEqual(rows);
  expect(await wantedOf(db, [3n, 2n, 99n, 1n])).toEqual(rows.toReversed());
  expect(await findChat(db, 3n)).toEqual(rows[1]);
});
