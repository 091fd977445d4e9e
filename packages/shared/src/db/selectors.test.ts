/** What tg.chats names by usernames, folders and "*" is wanted as Telegram last said, and its edits never lose what that was. */
import { type ChatSelector, parseConfig, settingsOf, type WantedChat, wantedChats } from '@tgsync/shared/config';
import {
  claimForAccount,
  recordResolved,
  recordSettings,
  recordSurvey,
  recordUnresolved,
  rememberChats,
  selectorRows,
  selectorStatuses,
  wantedChatRows,
} from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { expect } from 'vitest';
import { test } from '@tgsync/testing';
import { accountId } from '@tgsync/testing/pages';

const configOf = (chats: object) =>
  parseConfig(JSON.stringify({ tg: { api_id: 1, api_hash: '00112233445566778899aabbccddeeff', chats } }));
const settings = settingsOf(configOf({}));
const [a, b, c] = [-1_000_000_000_001n, -1_000_000_000_002n, 2n ** 53n + 1n];
const everything: WantedChat = wantedChats(configOf({ 5: {} }))[0]!;
const { id: _, ...all } = everything;

function selector(text: string, more: Partial<ChatSelector> = {}): ChatSelector {
  const kind = text === '*' ? 'all' : text.startsWith('@') ? 'name' : 'folder';
  return { text, kind, exclude: [], wanted: all, ...more };
}

const wanted = async (db: BareDb) => (await wantedChatRows(db)).map((it) => [it.id, it.rangeFrom]);

test.beforeEach(async ({ db }) => {
  await claimForAccount(db, accountId, 1);
});

test('chats are wanted once resolved, with the options of the key that names them most closely', async ({ db }) => {
  const from = (first: bigint) => ({ ...all, from: first });
  const change = await recordSettings(
    db,
    settings,
    [{ ...everything, id: c, from: 1n }],
    [
      selector('*', { wanted: from(4n) }),
      selector('folder:Work', { wanted: from(3n) }),
      selector('@news', { wanted: from(2n) }),
    ],
  );
  expect(change).toBeUndefined();
  expect(await wanted(db)).toEqual([[c, 1n]]);
  expect(await recordResolved(db, '*', [a, b, c])).toEqual({ added: [a, b, c], dropped: [] });
  expect(await wanted(db)).toEqual([
    [b, 4n],
    [a, 4n],
    [c, 1n],
  ]);
  await recordResolved(db, 'folder:Work', [a, b], { chats: [{ id: a, accessHash: 7n }] });
  await recordResolved(db, '@news', [b], { username: 'news' });
  expect(await wanted(db)).toEqual([
    [b, 2n],
    [a, 3n],
    [c, 1n],
  ]);
  expect((await wantedChatRows(db)).find((it) => it.id === a)).toMatchObject({ accessHash: 7n, accountId });
  expect(await recordResolved(db, 'folder:Work', [b])).toEqual({ added: [], dropped: [a] });
  expect(await wanted(db)).toEqual([
    [b, 2n],
    [a, 4n],
    [c, 1n],
  ]);
});

test('an edit keeps what was resolved; what it removes is no longer wanted', async ({ db }) => {
  await recordSettings(db, settings, [], [selector('folder:Work'), selector('@news')]);
  await recordResolved(db, 'folder:Work', [a, b]);
  await recordResolved(db, '@news', [c], { username: 'news' });
  const edited = await recordSettings(db, settings, [], [selector('folder:Work', { wanted: { ...all, from: 9n } })]);
  expect(edited).toMatchObject({ added: [], dropped: [c], selectors: { added: [], dropped: ['@news'] } });
  expect(edited!.ranges.map((it) => it.id).toSorted()).toEqual([a, b]);
  expect(await wanted(db)).toEqual([
    [b, 9n],
    [a, 9n],
  ]);
  const other = await recordSettings(db, settings, [], [selector('@news')]);
  expect(other).toMatchObject({ added: [c], selectors: { added: ['@news'], dropped: ['folder:Work'] } });
  // A name means the same chat for ever, also when it comes back; a folder is asked for again.
  expect(await wanted(db)).toEqual([[c, 0n]]);
  await recordSettings(db, settings, [], [selector('folder:Work')]);
  expect(await wanted(db)).toEqual([]);
});

test('what cannot be resolved keeps its chats, and an edit makes it due at once', async ({ db }) => {
  await recordSettings(db, settings, [], [selector('folder:Work')]);
  await recordResolved(db, 'folder:Work', [a]);
  await recordUnresolved(db, 'folder:Work', 'gone', 60_000);
  expect(await wanted(db)).toEqual([[a, 0n]]);
  expect(await selectorRows(db)).toMatchObject([{ chatIds: [a], problem: 'gone', retryAt: expect.any(Date) as Date }]);
  expect(await selectorStatuses(db)).toMatchObject([{ problem: 'gone', chats: [{ id: a, isOwn: true }] }]);
  await recordSettings(db, settings, [], [selector('folder:Work')]);
  expect(await selectorRows(db)).toMatchObject([{ problem: 'gone', retryAt: null }]);
  await recordResolved(db, 'folder:Work', [a]);
  expect(await selectorRows(db)).toMatchObject([{ problem: null }]);
});

test('usernames that "*" leaves out are resolved, too, and name no chat of their own', async ({ db }) => {
  await recordSettings(db, settings, [], [selector('*', { exclude: ['bot', '@spam', a.toString()] })]);
  expect((await selectorRows(db)).map((it) => it.text)).toEqual(['*', '@spam']);
  await recordResolved(db, '@spam', [b], { username: 'spam' });
  expect(await wanted(db)).toEqual([]);
  expect((await selectorStatuses(db)).map((it) => it.text)).toEqual(['*']);
  await recordSettings(db, settings, [], [selector('*')]);
  expect((await selectorRows(db)).map((it) => it.text)).toEqual(['*']);
});

test('an answer that comes after an edit removed its selector makes nothing wanted', async ({ db }) => {
  await recordSettings(db, settings, [], [selector('folder:Work')]);
  await recordSettings(db, settings, [], []);
  expect(await recordResolved(db, 'folder:Work', [a])).toEqual({ added: [], dropped: [] });
  expect(await wanted(db)).toEqual([]);
});

test('a username that another chat shows by now is still compared with the chat that it means', async ({ db }) => {
  await recordSettings(db, settings, [], [selector('@news')]);
  await rememberChats(db, accountId, [{ id: a, kind: 'channel', title: 'News', username: 'news', accessHash: 1n }]);
  await recordResolved(db, '@news', [a], { username: 'news' });
  await rememberChats(db, accountId, [
    { id: a, kind: 'channel', title: 'News', username: 'news_old', accessHash: 1n },
    { id: b, kind: 'channel', title: 'Thief', username: 'news', accessHash: 2n },
  ]);
  expect(await selectorRows(db)).toMatchObject([{ chatIds: [a], username: 'news', usernameNow: 'news_old' }]);
  expect(await wanted(db)).toEqual([[a, 0n]]);
});

test('what was recorded before the first login is resolved by the account that logs in', async ({ db }) => {
  await db.archive.updateMany({ data: { accountId: null } });
  await recordSettings(db, settings, [], [selector('@news')]);
  await claimForAccount(db, accountId, 1);
  await recordResolved(db, '@news', [a], { username: 'news' });
  expect(await wantedChatRows(db)).toMatchObject([{ id: a, accountId }]);
});

test('answers about a folder and surveys of its chats never block each other, in whatever order both have them', async ({
  db,
}) => {
  const ids = Array.from({ length: 400 }, (_, nth) => BigInt(nth + 1));
  await recordSettings(db, settings, [], [selector('folder:Work')]);
  await recordResolved(db, 'folder:Work', ids);
  const factsOf = (title: string) => (id: bigint) =>
    ({ id, kind: 'channel', title, username: null, accessHash: 1n }) as const;
  const surveys = async (order: readonly bigint[]) => {
    for (let round = 1; round <= 15; round++)
      await recordSurvey(
        db,
        accountId,
        order.map((id) => ({ id, topMessage: BigInt(round), pts: 1 })),
      );
  };
  const resolutions = async () => {
    for (let round = 0; round < 15; round++) await recordResolved(db, 'folder:Work', ids.slice(round % 2));
  };
  const walks = async () => {
    for (let round = 0; round < 15; round++) await rememberChats(db, accountId, ids.map(factsOf(`round ${round}`)));
  };
  await surveys(ids); // records `pts`, which later ones leave alone
  await Promise.all([surveys(ids.toReversed()), resolutions(), walks()]);
  expect(await wantedChatRows(db)).toHaveLength(400);
});
