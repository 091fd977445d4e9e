/** The numbers that a person sees: for each chat, about failures, and about what is left. */
import {
  chatStatuses,
  claimMedia,
  failedMedia,
  loseOrigin,
  type MediaRef,
  pendingLinks,
  recordFailure,
  recordLinks,
  recordSaved,
  recordSurvey,
  recordUnreadable,
  remainingMedia,
  storePage,
} from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { expect } from 'vitest';
import { test } from '@tgsync/testing';
import { accountId, addChat, document, message, page, photo } from '@tgsync/testing/pages';

const [news, friend, dropped] = [-1_000_000_000_003n, -1_000_000_000_002n, -1_000_000_000_001n];

async function save(db: BareDb, ref: MediaRef, size: bigint): Promise<void> {
  const links = await pendingLinks(db, ref);
  await recordSaved(db, (await claimMedia(db, ref))!, { fileName: `${ref.id}.bin`, sha256: 'x', size }, links);
}

test('messages, ids and media are counted per chat; a media in several messages counts once per chat', async ({
  db,
}) => {
  for (const [id, wanted] of [[news, true] as const, [friend, true] as const, [dropped, false] as const])
    await addChat(db, { id, title: `chat ${id}`, wanted, rangeFrom: id === news ? 3n : 0n });
  await recordSurvey(db, accountId, [{ id: news, topMessage: 100n, pts: 5 }]);
  await recordUnreadable(db, { accountId, id: friend }, 'you were removed');

  const held = [photo(11n), photo(12n, { size: 50n }), document(13n), document(14n), document(15n, { size: 7n })];
  await storePage(
    db,
    page(news, [message(4n, { media: held }), message(5n, { media: [photo(11n)] })], { proven: { from: 3n, to: 20n } }),
  );
  await storePage(db, page(news, [], { proven: { from: 31n, to: 40n } }));
  await storePage(db, page(friend, [message(1n, { media: [photo(11n)] })]));
  await storePage(db, page(dropped, [message(1n, { media: [photo(11n), photo(16n), document(13n)] })]));
  await save(db, { kind: 'photo', id: 11n }, 1000n);
  await recordFailure(db, (await claimMedia(db, { kind: 'document', id: 13n }))!, 'truncated', true);
  await loseOrigin(db, news, { kind: 'document', id: 14n, messageId: 4n });
  const absent = { kind: 'document', id: 15n } as const;
  await recordLinks(db, absent, await pendingLinks(db, absent), 'absent');

  expect(await chatStatuses(db)).toEqual([
    {
      id: news,
      title: `chat ${news}`,
      kind: 'channel',
      state: 'ok',
      reason: null,
      messages: 2,
      covered: { from: 3n, to: 40n },
      range: { from: 3n, to: 0n },
      owedIds: 70n, // of 3 to 100, without 3 to 20 and 31 to 40
      mediaSaved: 1,
      mediaOwed: 1,
      mediaFailed: 2,
      mediaAbsent: 1,
      mediaSkipped: 0,
      mediaDeleted: 1,
      bytes: 1000n,
      notVisibleIds: 0n,
      unread: [],
      completeAt: null,
      rechecks: [],
      rechecked: [],
    },
    {
      id: friend,
      title: `chat ${friend}`,
      kind: 'channel',
      state: 'unreadable',
      reason: 'you were removed',
      messages: 1,
      covered: null,
      range: { from: 0n, to: 0n },
      owedIds: 0n,
      mediaSaved: 1,
      mediaOwed: 0,
      mediaFailed: 0,
      mediaAbsent: 0,
      mediaSkipped: 0,
      mediaDeleted: 0,
      bytes: 1000n,
      notVisibleIds: 0n,
      unread: [],
      completeAt: null,
      rechecks: [],
      rechecked: [],
    },
  ]);
  expect(await failedMedia(db)).toEqual([
    { kind: 'document', id: 13n, state: 'failed', reason: 'truncated' },
    { kind: 'document', id: 14n, state: 'gone', reason: expect.stringContaining('deleted') as string },
  ]);
  expect(await remainingMedia(db)).toEqual({ files: 1, bytes: 50n });
});

test('a chat of which a period is wanted waits until a survey knows the ids of the period', async ({ db }) => {
  const period = { since: new Date(1000), sinceId: 5n, topMessage: 9n };
  await addChat(db, { id: news, wanted: true, state: 'ok', ...period });
  await addChat(db, { id: friend, wanted: true, state: 'ok', ...period, boundsAt: new Date() });
  expect(await chatStatuses(db)).toMatchObject([
    { id: news, state: 'unknown', owedIds: 0n },
    { id: friend, state: 'ok', owedIds: 5n },
  ]);
});

test('a saved media with a missing link is owed, but none of its bytes', async ({ db }) => {
  await addChat(db, { id: news, wanted: true });
  await storePage(db, page(news, [message(1n, { media: [photo(11n)] })]));
  await save(db, { kind: 'photo', id: 11n }, 1000n);
  await storePage(db, page(news, [message(2n, { media: [photo(11n)] })]));
  expect(await chatStatuses(db)).toMatchObject([{ mediaSaved: 0, mediaOwed: 1, bytes: 0n }]);
  expect(await remainingMedia(db)).toEqual({ files: 0, bytes: 0n });
  const ref = { kind: 'photo', id: 11n } as const;
  await recordLinks(db, ref, await pendingLinks(db, ref), 'linked');
  expect(await chatStatuses(db)).toMatchObject([{ mediaSaved: 1, mediaOwed: 0, bytes: 1000n }]);
});
