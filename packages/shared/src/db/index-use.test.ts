/** Whatever workers and status ask of a large archive again and again is found by index, and each index of a large table is of use. */
import {
  applyTold,
  askAgainFor,
  beginRounds,
  chatStatuses,
  claimMedia,
  claimWanted,
  contradictingMessages,
  countChats,
  failUnreachable,
  failedMedia,
  findMedia,
  holdForPlacing,
  holdRole,
  linkKeysAmong,
  linkNamesOf,
  linksToCheck,
  loseOrigin,
  lostChats,
  mediaNamed,
  mediaToCheck,
  linksToRemove,
  lookForMissingAgain,
  messagesToAsk,
  messagesToAskAgain,
  messagesToRecheck,
  messagesWithLostMedia,
  mirrorDeletions,
  originOf,
  pendingLinks,
  recordFailure,
  recordHash,
  recordProof,
  recordRefusedLinks,
  recordSaved,
  recordUntold,
  refuseReference,
  releaseClaim,
  remainingMedia,
  renewClaim,
  renewReferences,
  resetChannel,
  resetFailed,
  stillWanted,
  storeAskedAgain,
  storePage,
  storeRechecked,
  undecidedMedia,
  unmappedMessages,
  unprovenMedia,
  urgentMedia,
  wakeDue,
  witnessesOf,
} from '@tgsync/shared/db';
import { randomUUID } from 'node:crypto';
import type { BareDb } from '@tgsync/shared/db/bare';
import { plansOf, test } from '@tgsync/testing';
import { addLargeArchive, largeChat, largeMedia } from '@tgsync/testing/large-archive';
import { accountId, document, message, page, photo } from '@tgsync/testing/pages';
import pg from 'pg';
import { expect } from 'vitest';

/** Tables with a row for each message or media. */
const large = ['message', 'message_media', 'media_access', 'photo', 'document'];
/** Indexes that no statement reads, but that refuse what must not be. */
const constraints = ['message_of_account', 'message_media_link_key_key'];

const naming = {
  title: undefined,
  folder: () => null,
  name: () => 'a',
  usual: (id: bigint) => `${id} a`,
  keyOf: (path: string) => path,
};
const chat = largeChat(0);
const [held, saved, failing] = [largeMedia(0, 5), largeMedia(0, 10), largeMedia(0, 15)];
const asked = { ...held, messageId: 5n, refused: true };

const work: Record<string, (db: BareDb) => Promise<unknown>> = {
  'a page of history': (db) =>
    storePage(db, page(chat, [message(501n, { media: [photo(1n)] }), message(502n, { media: [document(2n)] })])),
  'incomplete messages': async (db) => {
    await askAgainFor(db, [{ chatId: chat, id: 7n }]);
    await messagesToAskAgain(db, chat, 100);
    await storeAskedAgain(db, { ...page(chat, [message(7n)]), asked: [7n] });
  },
  'what is told by itself': async (db) => {
    const fence = (await holdRole(db, { accountId, role: 'updates' }, randomUUID(), 60))!;
    const reactions = [{ id: 5n, reactions: { _: 'MessageReactions' } }];
    const told = {
      chatId: chat,
      messages: [message(5n), message(601n)],
      newIds: [601n],
      deleted: [8n, 700n],
      pinned: [{ ids: [6n], isPinned: true }],
      counters: [{ id: 6n, views: 5 }],
      reactions,
      askAgain: [5n],
    };
    const polls = [{ pollId: 5n, isClosed: true, results: { _: 'PollResults' } }];
    const webPages = [{ id: 5n, page: { _: 'WebPage' }, media: [photo(5n)], askAgainAt: null }];
    const none = { channels: [], deletedOfAccount: [5n, 9_000n], peers: [] };
    await applyTold(db, { accountId, fence, ...none, chats: [told], polls, webPages });
    await resetChannel(db, accountId, fence, chat, 5);
  },
  'deletions that are mirrored': async (db) => {
    await db.dialog.updateMany({ where: { chatId: chat }, data: { deletions: 'mirror', mirrorFiles: true } });
    expect(await mirrorDeletions(db)).toMatchObject({ removed: 1 });
    await lookForMissingAgain(db);
    await linksToRemove(db, largeMedia(0, 8));
    await db.dialog.updateMany({ data: { deletions: 'keep' } });
  },
  'a claim': async (db) => {
    await claimWanted(db, held);
    const media = (await findMedia(db, held))!;
    await renewClaim(db, media);
    await releaseClaim(db, media);
  },
  'a saved file': async (db) => {
    const media = (await claimMedia(db, saved))!;
    const link = { chatId: chat, messageId: 10n };
    await pendingLinks(db, media);
    await recordHash(db, media, 'f');
    expect(await holdForPlacing(db, media, 'f', link, naming)).toBeDefined();
    expect(await recordSaved(db, media, { fileName: 'x', sha256: 'f', size: 3n }, [link])).toBe(true);
    await recordProof(db, media, false);
  },
  'a file that fails': async (db) => {
    const media = (await claimMedia(db, failing))!;
    await recordRefusedLinks(db, media, [{ chatId: chat, messageId: 15n, reason: 'x' }]);
    await recordFailure(db, media, 'x', true);
    await resetFailed(db, media);
  },
  references: async (db) => {
    const media = (await findMedia(db, held))!;
    await refuseReference(db, media);
    await originOf(db, media);
    await messagesToAsk(db, chat, 100);
    await renewReferences(db, accountId, [document(held.id)]);
    await recordUntold(db, chat, asked, 5);
    await loseOrigin(db, chat, asked);
    await failUnreachable(db);
  },
  'a recheck': async (db) => {
    const whose = { chatId: chat, ownerId: 0n };
    await db.dialog.updateMany({
      data: { recheck: [{ last: 60, every: 60 }], recheckRounds: { 60: new Date(0).toISOString() } },
    });
    await beginRounds(db);
    const recheck = { ...whose, id: 1n, range: { from: 1n, to: 400n }, askedAt: new Date(), reason: 'recent' } as const;
    await messagesToRecheck(db, recheck, 95);
    await messagesToRecheck(db, { ...recheck, reason: 'missing' }, 95);
    await witnessesOf(db, whose, [5n, 9n]);
    const answer = { accountId, asOf: new Date(), peers: [], messages: [message(9n)], missing: [5n], isProven: true };
    await storeRechecked(db, recheck, { ...answer, part: recheck.range });
  },
  'what is owed': async (db) => {
    await wakeDue(db);
    await remainingMedia(db);
    await urgentMedia(db, 100);
    await stillWanted(db, [held]);
    await undecidedMedia(db, chat);
    await unprovenMedia(db, undefined, 10);
  },
  status: async (db) => {
    await chatStatuses(db);
    await failedMedia(db);
  },
  'a verification, page by page': async (db) => {
    await mediaToCheck(db, 'photo', 5n, 500);
    await mediaNamed(db, [held, saved]);
    await linksToCheck(db, held.kind, [held.id, saved.id], undefined, 2000);
    await lostChats(db);
    for (const read of [contradictingMessages, unmappedMessages, messagesWithLostMedia])
      await read(db, { chatId: chat, id: 100n }, 1000);
    await linkNamesOf(db, chat, [5n, 10n]);
    await linkKeysAmong(db, ['a/b']);
  },
};

test('nothing reads a large table from end to end, and each index is of use', async ({ db, databaseUrl }) => {
  await addLargeArchive(databaseUrl);
  await owe(db);
  const used = new Set<string>();
  for (const [name, run] of Object.entries(work)) {
    await countChats(db); // reads all that the changed chats hold, for which an index may not be the fastest way
    const plans = await plansOf(databaseUrl, () => run(db));
    expect(plans.length, name).toBeGreaterThan(0);
    const scans = plans.filter((it) => it.scanned.some((table) => large.includes(table)));
    expect(scans, name).toEqual([]);
    for (const it of plans) for (const index of it.indexes) used.add(index);
  }
  expect((await indexes(db)).filter((it) => !used.has(it) && !constraints.includes(it))).toEqual([]);
});

/** Some of each kind in another chat, so few that a partial index has next to nothing. */
async function owe(db: BareDb): Promise<void> {
  const chatId = largeChat(2);
  const states = [
    `link = 'pending'`,
    `link = 'skipped', rule = 'x'`,
    `link = 'pending', link_retry_at = now() + interval '1 hour'`,
    `reference_retry_at = now() + interval '1 hour'`,
  ];
  for (const [at, state] of states.entries())
    await db.$executeRawUnsafe(
      `UPDATE message_media SET ${state} WHERE chat_id = ${chatId} AND message_id = ${5 + at * 5}`,
    );
  await db.$executeRaw`UPDATE media_access SET reference_refused_at = now() WHERE media_id = ${largeMedia(2, 30).id}`;
  await db.$executeRaw`UPDATE document SET proven_at = NULL WHERE id = ${largeMedia(2, 35).id}`;
  await db.$executeRaw`UPDATE message SET mapped = false WHERE chat_id = ${chatId} AND id = 41`;
  await db.$executeRaw`UPDATE message SET linked = false WHERE chat_id = ${chatId} AND id = 42`;
}

test('triggers are as fast in a session that began with an empty archive', async ({ databaseUrl }) => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  /** Rows that were read so far. */
  const read = async () => {
    const { rows } = await client.query<{ read: number }>(`
      SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_xact_user_tables
      WHERE relname IN ('message_media', 'media_access', 'photo', 'document')`);
    return rows[0]!.read;
  };
  const add = async (from: number, to: number) => {
    const each = `FROM generate_series(${from}, ${to}) id`;
    await client.query(`INSERT INTO photo (id, dc_id, size, thumb_size) SELECT id, 2, 3, 'x' ${each}`);
    await client.query(`INSERT INTO media_access (account_id, kind, media_id, access_hash, file_reference)
      SELECT 7, 'photo', id, 1, '\\x00' ${each}`);
    await client.query(
      `INSERT INTO message (chat_id, id, date, message, raw, raw_layer) SELECT -1000000000009, id, now(), '', '{}', 1 ${each}`,
    );
    await client.query(`INSERT INTO message_media (chat_id, message_id, kind, media_id, position, via)
      SELECT -1000000000009, id, 'photo', id, 0, 'media' ${each}`);
  };
  try {
    await client.query('BEGIN'); // the counts are those of one transaction
    await add(1, 2);
    await client.query(`UPDATE photo SET state = 'failed' WHERE id = 1`);
    await client.query(`UPDATE message_media SET link = 'absent' WHERE media_id = 2`);
    await client.query(`UPDATE message_media SET link = 'pending' WHERE media_id = 2`);
    await client.query(`SET CONSTRAINTS ALL IMMEDIATE`);
    await add(3, 2000);
    await client.query('ANALYZE'); // from here on, plans are those for 2,000 rows
    await add(2001, 2100);
    await add(2101, 9000);
    const before = await read();
    await add(9001, 9050);
    for (const state of ['failed', 'owed']) {
      await client.query(`UPDATE photo SET state = '${state}' WHERE id = 9001`);
      await client.query(
        `UPDATE media_access SET reference_refused_at = now() WHERE kind = 'photo' AND media_id = 9002`,
      );
    }
    expect((await read()) - before).toBeLessThan(500); // a scan reads 9,000
    await client.query(`SET LOCAL statement_timeout = '20s'`);
    await add(10_001, 32_000);
    await client.query(`UPDATE message_media SET link = 'absent' WHERE media_id > 10_000`);
    await client.query(`DELETE FROM message WHERE id > 10_000`);
    const { rows } = await client.query(`SELECT owed, count(*)::int FROM message_media GROUP BY 1 ORDER BY 1`);
    expect(rows).toEqual([
      { owed: 'file', count: 9048 },
      { owed: 'reference', count: 1 },
      { owed: null, count: 1 },
    ]);
  } finally {
    await client.end();
  }
});

async function indexes(db: BareDb): Promise<string[]> {
  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(${large}) ORDER BY 1`;
  return rows.map((it) => it.name);
}
