/**
 * migrate.ts: how long does upgrading an archive from before the account was part of the keys take, and how much disk space does it need
 * on top of the tables? Rows are realistic: texts of some hundred bytes, their raw JSON, a media in every fifth message.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate } from '@tgsync/shared/db';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { migrateUpTo } from '@tgsync/testing/old-database';
import pg from 'pg';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000000' },
    /** Percentage from private chats and basic groups. */
    private: { type: 'string', default: '30' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const [messages, share] = [Number(values.messages), Number(values.private)];

const folder = mkdtempSync(join(values.folder, 'tgsync-bench-'));
chmodSync(folder, 0o755);
const postgres = await openEmbeddedPostgres(join(folder, 'postgres'));
const pool = new pg.Pool({ connectionString: postgres.url });
const query = async (text: string) => (await pool.query<Record<string, string>>(text)).rows;
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
const tables = `pg_total_relation_size('message') + pg_total_relation_size('message_media')`;

function sizeOf(path: string): number {
  let bytes = 0;
  for (const it of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (it.isFile()) bytes += statSync(join(it.parentPath, it.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/** Adds messages of a hundred private chats, or of a hundred channels. */
async function fill(from: number, to: number, isPrivate: boolean): Promise<void> {
  const chat = isPrivate ? '1 + n % 100' : '-1000000000001 - n % 100';
  await query(`INSERT INTO message (id, chat_id, account_id, sender_id, date, message, raw, raw_layer, linked, media_type)
    SELECT n, ${chat}, ${isPrivate ? 777 : 'NULL'}, n % 1000, now() - n * interval '1 minute', repeat('some words ', (n % 20)::int),
      jsonb_build_object('_', 'message', 'id', n, 'peer_id', n % 100, 'from_id', n % 1000, 'date', n, 'message', repeat('some words ', (n % 20)::int),
        'flags', 0, 'out', false, 'silent', false, 'entities', '[]'::jsonb, 'views', n % 77), 198, n % 5 <> 0 OR n % 50 <> 0, 'none'
    FROM generate_series(${from}::bigint, ${to}::bigint) n`);
  await query(`INSERT INTO message_media (chat_id, message_id, kind, media_id, position, via, link, link_name)
    SELECT ${chat}, n, 'photo', n, 0, 'media', CASE WHEN n % 50 = 0 THEN 'pending' ELSE 'linked' END, n || '_' || n || '.jpg'
    FROM generate_series(${from}::bigint, ${to}::bigint) n WHERE n % 5 = 0`);
  await query(`INSERT INTO photo (id, dc_id, access_hash, file_reference, size, thumb_size, state, saved)
    SELECT n, 2, n, decode('00112233445566778899', 'hex'), 1000, 'y', CASE WHEN n % 50 = 0 THEN 'owed' ELSE 'saved' END, n % 50 <> 0
    FROM generate_series(${from}::bigint, ${to}::bigint) n WHERE n % 5 = 0`);
}

try {
  await migrateUpTo(query, '20261129000000');
  await query(`INSERT INTO archive (id, account_id) VALUES ('00000000-0000-4000-8000-000000000000', 777)`);
  await query(`INSERT INTO chat (id, kind, title, wanted) SELECT 1 + n, 'user', 'x', true FROM generate_series(0, 99) n
    UNION ALL SELECT -1000000000001 - n, 'channel', 'x', true FROM generate_series(0, 99) n`);
  const own = Math.round((messages * share) / 100);
  const slice = 500_000;
  for (let from = 1; from <= messages; from += slice) {
    const to = Math.min(from + slice - 1, messages);
    const border = Math.min(Math.max(from - 1, own), to);
    if (border >= from) await fill(from, border, true);
    if (border < to) await fill(border + 1, to, false);
  }
  await query('VACUUM ANALYZE');
  const [{ bytes: before }] = (await query(`SELECT ${tables} AS bytes`)) as [{ bytes: string }];
  console.log(`${messages} messages, ${own} of them from private chats: tables of ${gigabytes(Number(before))}`);

  const [{ data_directory: dataFolder }] = (await query('SHOW data_directory')) as [{ data_directory: string }];
  const base = join(dataFolder, 'base');
  const start = sizeOf(base);
  const most = { tables: 0, log: 0 };
  const watch = setInterval(() => {
    most.tables = Math.max(most.tables, sizeOf(base) - start);
    most.log = Math.max(most.log, sizeOf(join(dataFolder, 'pg_wal')));
  }, 500);
  const began = performance.now();
  const ownMemory = process.memoryUsage.rss();
  await migrate(postgres.url, { tell: (line) => console.log(`  ${line}`) });
  clearInterval(watch);
  const minutes = (performance.now() - began) / 60_000;
  const [{ bytes: after }] = (await query(`SELECT ${tables} AS bytes`)) as [{ bytes: string }];
  console.log(
    `upgraded in ${minutes.toFixed(1)} min; at the peak ${gigabytes(most.tables)} more than before (${(1 + most.tables / Number(before)).toFixed(2)} times the tables) and ${gigabytes(most.log)} of WAL; ` +
      `tables are ${gigabytes(Number(after))} now; the process grew by ${((process.memoryUsage.rss() - ownMemory) / 2 ** 20).toFixed(0)} MiB`,
  );
} finally {
  await pool.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
