/**
 * owed.ts: how much does looking for work cost? Two archives in one database of this machine's Postgres: first with media of a chat that is
 * no longer wanted and a wanted chat that is complete, then with pending media in a wanted chat, some with refused references.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chatsToRefresh, closeDb, messagesToAsk, openDb, owedMedia, remainingMedia, wakeDue } from '@tgsync/shared/db';
import { bare, type BareDb } from '@tgsync/shared/db/bare';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { addChat } from '@tgsync/testing/pages';

const { values } = parseArgs({
  options: {
    dropped: { type: 'string', default: '2000000' },
    pending: { type: 'string', default: '1000000' },
    refused: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '21' },
  },
});
const rounds = Number(values.rounds);

/** Adds photos with ids from `from` on, one in each message of a chat. */
async function fill(db: BareDb, chatId: bigint, from: number, count: number, state: 'owed' | 'saved'): Promise<void> {
  const range = [from, from + count - 1] as const;
  await db.$executeRaw`
    INSERT INTO photo (id, dc_id, size, thumb_size, state, saved)
    SELECT id, 2, 1000, 'y', ${state}, ${state} = 'saved' FROM generate_series(${range[0]}::bigint, ${range[1]}::bigint) id`;
  await db.$executeRaw`
    INSERT INTO media_access (account_id, kind, media_id, access_hash, file_reference)
    SELECT 7, 'photo', id, id, decode('00', 'hex') FROM generate_series(${range[0]}::bigint, ${range[1]}::bigint) id`;
  await db.$executeRaw`
    INSERT INTO message (chat_id, id, date, message, raw, raw_layer)
    SELECT ${chatId}, id, now(), '', '{}', 1 FROM generate_series(${range[0]}::bigint, ${range[1]}::bigint) id`;
  await db.$executeRaw`
    INSERT INTO message_media (chat_id, message_id, kind, media_id, position, via, link)
    SELECT ${chatId}, id, 'photo', id, 0, 'media', ${state === 'saved' ? 'linked' : 'pending'}
    FROM generate_series(${range[0]}::bigint, ${range[1]}::bigint) id`;
  await db.$executeRaw`ANALYZE`;
}

async function time(name: string, work: () => Promise<unknown>): Promise<void> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await work();
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  const ms = (it: number | undefined) => it!.toFixed(1).padStart(7);
  console.log(`| ${name.padEnd(40)} | ${ms(took[Math.floor(rounds / 2)])} | ${ms(took.at(-1))} |`);
}

const folder = mkdtempSync(join(tmpdir(), 'tgsync-bench-'));
chmodSync(folder, 0o755);
const postgres = await openEmbeddedPostgres(join(folder, 'postgres'));
try {
  const db = bare(await openDb(postgres.url, { migrate: true }));
  const [dropped, done, busy] = [-1_000_000_000_001n, -1_000_000_000_002n, -1_000_000_000_003n];
  for (const id of [dropped, done, busy]) await addChat(db, { id, state: 'ok', wanted: id !== dropped });
  const [many, pending, refused] = [Number(values.dropped), Number(values.pending), Number(values.refused)];
  await fill(db, dropped, 1, many, 'owed');
  await fill(db, done, many + 1, 10_000, 'saved');
  console.log(`| ms, median and maximum of ${rounds} | median | max |\n| --- | ---: | ---: |`);
  const idle = async () => {
    await wakeDue(db);
    await chatsToRefresh(db);
    await owedMedia(db, [], 1000);
  };
  await time(`an idle poll, ${many} of a dropped chat`, idle);
  await time('remaining media, for the progress in the log', () => remainingMedia(db));
  await fill(db, busy, many + 20_001, pending, 'owed');
  await db.$executeRaw`UPDATE media_access SET reference_refused_at = now() WHERE kind = 'photo' AND media_id > ${many + 20_000 + pending / 2} AND media_id <= ${many + 20_000 + pending / 2 + refused}`;
  await time(`a poll, ${pending} pending`, idle);
  await time(`messages to refresh, ${refused} refused of ${pending}`, () => messagesToAsk(db, busy, 100));
  await db.$executeRaw`UPDATE media_access SET reference_refused_at = NULL WHERE reference_refused_at IS NOT NULL AND media_id <> ${many + 20_000 + pending}`;
  await db.$executeRaw`UPDATE media_access SET reference_refused_at = now() WHERE kind = 'photo' AND media_id = ${many + 20_000 + pending}`;
  await time(`messages to refresh, 1 refused of ${pending}`, () => messagesToAsk(db, busy, 100));
  await closeDb(db);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
