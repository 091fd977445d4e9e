/** What a file costs the database does not depend on how many there are, whatever Postgres takes the sizes of its tables for. */
import {
  claimWanted,
  failUnreachable,
  holdForPlacing,
  type LinkNaming,
  type MediaRef,
  recordFailure,
  recordSaved,
  storePage,
  type WantedMedia,
} from '@tgsync/shared/db';
import { type BareDb, sql } from '@tgsync/shared/db/bare';
import { expect } from 'vitest';
import { test as base } from '@tgsync/testing';
import { addChat, document, message, page } from '@tgsync/testing/pages';

const chatId = -1_000_000_000_001n;
const files = 600n;
const naming: LinkNaming = {
  title: undefined,
  folder: () => null,
  name: ({ messageId }) => `${messageId} a.txt`,
  usual: (messageId) => `${messageId} a.txt`,
  keyOf: (path) => path,
};

/** A channel with a file in each of many messages. */
const test = base.extend<{ stored: void }>({
  stored: [
    async ({ db }, use) => {
      await addChat(db, { id: chatId, wanted: true });
      const ids = Array.from({ length: Number(files) }, (_, at) => BigInt(at + 1));
      const messages = ids.map((id) => message(id, { media: [document(id)] }));
      await storePage(db, page(chatId, messages));
      await use();
    },
    { auto: true },
  ],
});

async function claim(db: BareDb, ref: MediaRef): Promise<WantedMedia> {
  const claimed = await claimWanted(db, ref);
  if (claimed === 'unwanted' || !claimed) throw new Error('not to be had');
  return claimed;
}

async function place(db: BareDb, ref: MediaRef): Promise<void> {
  const claimed = await claim(db, ref);
  await holdForPlacing(db, claimed.media, 'abc', claimed.link, naming);
  const file = { fileName: `${ref.id}.txt`, sha256: 'abc', size: 1000n };
  expect(await recordSaved(db, claimed.media, file, [claimed.link])).toBe(true);
}

/** Rows that were read so far, by scans of whole tables and by index. */
async function rowsRead(db: BareDb): Promise<number> {
  await sql(db).$queryRaw`SELECT pg_stat_force_next_flush()`;
  const [read] = await sql(db).$queryRaw<{ rows: bigint }[]>`
    SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint AS rows FROM pg_stat_user_tables
    WHERE relname IN ('message', 'message_media', 'media_access', 'document', 'photo')`;
  return Number(read!.rows);
}

/** What `work` reads for one file, on average of some. */
async function readFor(db: BareDb, work: (ref: MediaRef) => Promise<void>): Promise<number> {
  const [some, before] = [20, await rowsRead(db)];
  for (let id = 1; id <= some; id++) await work({ kind: 'document', id: BigInt(id) });
  return ((await rowsRead(db)) - before) / some;
}

test('placing a file reads a few rows', async ({ db }) => {
  expect(await readFor(db, (ref) => place(db, ref))).toBeLessThan(60);
});

test('giving a file up reads a few rows', async ({ db }) => {
  const giveUp = async (ref: MediaRef) => await recordFailure(db, (await claim(db, ref)).media, 'broken', true);
  expect(await readFor(db, giveUp)).toBeLessThan(60);
});

test('looking for files that nobody can reach reads a few rows', async ({ db }) => {
  const before = await rowsRead(db);
  await failUnreachable(db);
  expect((await rowsRead(db)) - before).toBeLessThan(60);
});
