/** Settings are recorded as a whole; a chat that is no longer configured keeps everything archived. */
import { parseConfig, settingsOf } from '@tgsync/shared/config';
import {
  claimForAccount,
  coverageOf,
  findChat,
  readSettings,
  recordSettings,
  rememberChats,
  storePage,
  wantedChatRows,
} from '@tgsync/shared/db';
import { expect } from 'vitest';
import { test } from '@tgsync/testing';
import { accountId, message, page, wanted } from '@tgsync/testing/pages';

const settings = settingsOf(parseConfig('{ "tg": { "api_id": 1, "api_hash": "00112233445566778899aabbccddeeff" } }'));
const [a, b] = [-1_000_000_000_001n, 2n ** 53n + 1n];

test('the settings recorded last are returned unchanged', async ({ db }) => {
  expect(await readSettings(db)).toBeUndefined();
  await recordSettings(db, settings, []);
  expect(await readSettings(db)).toEqual(settings);
  await recordSettings(db, { ...settings, concurrentDownloads: 9 }, []);
  expect(await readSettings(db)).toEqual({ ...settings, concurrentDownloads: 9 });
});

test('a removed chat is no longer wanted and keeps its data; added again it continues', async ({ db }) => {
  await claimForAccount(db, accountId, 1);
  await recordSettings(db, settings, [wanted(a, { from: 5n, to: 10n }), wanted(b, { from: 0n, to: 0n })]);
  await rememberChats(db, accountId, [{ id: a, kind: 'channel', title: 'News', username: 'news', accessHash: 7n }]);
  await storePage(db, page(a, [message(5n)], { proven: { from: 5n, to: 6n } }));
  expect(await wantedChatRows(db)).toMatchObject([
    { id: a, rangeFrom: 5n, rangeTo: 10n, title: 'News', state: 'unknown' },
    { id: b, rangeFrom: 0n, rangeTo: 0n },
  ]);

  await recordSettings(db, settings, [wanted(b, { from: 3n, to: 0n })]);
  expect(await wantedChatRows(db)).toMatchObject([{ id: b, rangeFrom: 3n }]);
  expect(await db.message.count({ where: { chatId: a } })).toBe(1);
  expect((await coverageOf(db, [a])).get(a)).toEqual([{ from: 5n, to: 6n }]);

  await recordSettings(db, settings, [wanted(a, { from: 0n, to: 0n })]);
  expect(await wantedChatRows(db)).toMatchObject([
    { id: a, rangeFrom: 0n, rangeTo: 0n, title: 'News', username: 'news', accessHash: 7n },
  ]);
});

test('facts about a chat that a later answer omits are kept', async ({ db }) => {
  const facts = { id: a, kind: 'channel', title: 'News', username: 'news', accessHash: 7n } as const;
  await rememberChats(db, accountId, [facts]);
  await rememberChats(db, accountId, [{ ...facts, title: 'Old news', username: null, accessHash: null }]);
  expect(await findChat(db, a)).toMatchObject({
    title: 'Old news',
    username: null,
    accessHash: 7n,
    wanted: false,
  });
});
