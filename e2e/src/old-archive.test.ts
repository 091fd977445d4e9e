/** old-archive.test.ts: an earlier version's archive, database and files, continues with this one: nothing is read or downloaded again. */
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { World } from '@tgsync/telegram-emulator';
import { type Archive, migrateUpTo, patience, test as base } from '@tgsync/testing';
import pg from 'pg';
import { expect, vi } from 'vitest';
import { oldWorld, ranges } from './old-archive/world.js';

type Query = (text: string, values?: unknown[]) => Promise<pg.QueryResult<Record<string, string>>>;

/** Tables as the text of their rows; files by name, in an order in which they can be created. */
interface Dump {
  tables: Record<string, string[]>;
  files: {
    name: string;
    folder?: true;
    link?: string;
    of?: string;
    base64?: string;
    parts?: number[];
    size?: number;
    sha256?: string;
  }[];
}

const made = oldWorld();
const dump = JSON.parse(
  gunzipSync(readFileSync(fileURLToPath(new URL('./old-archive/archive.json.gz', import.meta.url)))).toString(),
) as Dump;

const test = base.extend<{ world: World; query: Query; old: Archive }>({
  world: async ({}, use) => {
    await use(made.world);
  },
  query: async ({ databaseUrl }, use) => {
    const pool = new pg.Pool({ connectionString: databaseUrl });
    await use((text, values) => pool.query(text, values));
    await pool.end();
  },
  old: async ({ archive, query }, use) => {
    await query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await migrateUpTo(query, '20261129000000');
    for (const [table, rows] of Object.entries(dump.tables))
      for (const row of rows) await query(`INSERT INTO "${table}" SELECT ($1::"${table}").*`, [row]);
    for (const file of dump.files) makeFile(archive, file);
    archive.configure(ranges(made.chats));
    await use(archive);
  },
});

function makeFile({ env }: Archive, file: Dump['files'][number]): void {
  const at = (name: string) => name.replace(/^(media|temp)/, (root) => env[root as 'media' | 'temp']);
  if (file.folder) return void mkdirSync(at(file.name), { recursive: true });
  mkdirSync(dirname(at(file.name)), { recursive: true });
  if (file.link !== undefined) return linkSync(at(file.link), at(file.name));
  const bytes = bytesOf(file);
  expect(createHash('sha256').update(bytes).digest('hex'), file.name).toBe(file.sha256);
  writeFileSync(at(file.name), bytes);
}

/** A file from Telegram has Telegram's bytes, an unfinished one only those of some parts. */
function bytesOf({ base64, of, parts, size }: Dump['files'][number]): Buffer {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  const whole = made.world.documents.get(BigInt(of!))!;
  if (!parts) return Buffer.from(whole.bytes('', 0, whole.size));
  const bytes = Buffer.alloc(size!);
  for (const from of parts) Buffer.from(whole.bytes('', from, Math.min(partSize, size! - from))).copy(bytes, from);
  return bytes;
}

const partSize = 524_288;

test(
  'an earlier version’s archive is upgraded and continued, and nothing is read or downloaded twice',
  { tags: 'thorough' },
  async ({ telegram, old, fleet, query }) => {
    const count = async (text: string) => Number((await query(`SELECT count(*) FROM ${text}`)).rows[0]!.count);
    const before = await count('message');
    telegram.resetCounters();
    const parts: number[] = [];
    telegram.onCall((call) => {
      if (call.method === 'upload.getFile') parts.push(Number(call.query.offset));
    });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);

    const { calls } = telegram.counters();
    expect(calls['messages.getHistory'] ?? 0).toBe(0);
    expect(parts.sort((a, b) => a - b)).toEqual([2 * partSize, 3 * partSize]);
    expect(await count('message')).toBe(before);
    expect(await count('message WHERE NOT linked')).toBe(0);
    expect(await count(`message_media WHERE link = 'absent'`)).toBe(1);
    expect(await count(`message WHERE (owner_id = 0) <> (chat_id <= -1000000000000)`)).toBe(0);
    expect(readdirSync(old.env.temp)).toEqual([]);
    expect(readdirSync(join(old.env.media, 'documents-by-id')).sort()).toEqual(['5000002.bin', '5000003.txt']);
    expect(readFileSync(join(old.env.media, 'documents-by-id', '5000002.bin'))).toEqual(
      Buffer.from(made.half.bytes('', 0, made.half.size)),
    );

    // It continues like any other.
    made.chats[1]!.addMessage({ text: 'new', photo: made.world.addPhoto({ size: 2000 }) });
    const going = [fleet.start('fetch-worker'), fleet.start('media-worker'), fleet.start('scheduler')];
    await vi.waitUntil(async () => (await count('photo WHERE saved')) === 21, patience);
    expect(going.every((it) => it.exitCode === null)).toBe(true);
  },
);
