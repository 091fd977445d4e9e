/** open.ts: the archive of a growth measurement: made once in a folder, and used again. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Environment } from '@tgsync/shared/config';
import { closeDb, openDb } from '@tgsync/shared/db';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { makeArchive } from '@tgsync/testing/archive';
import { Fleet } from '@tgsync/testing/fleet';
import pg from 'pg';
import { startEmulator, wantAll } from '../emulator.js';
import { chatIds, multiply, type WorldSize } from './world.js';

export interface Growth {
  postgres: EmbeddedPostgres;
  pool: pg.Pool;
  env: Environment;
  /** Where the dashboard listens. */
  port: number;
  close(): Promise<void>;
}

/** What is lost in a crash is made again. */
const settings = { fsync: 'off', max_wal_size: '8GB', shared_buffers: '256MB' };

/** Opens the world in a folder, after making it if there is none. Throws if one of another size is there. */
export async function openGrowth(folder: string, size: WorldSize): Promise<Growth> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const made = join(folder, 'world.json');
  const isMade = existsSync(made);
  if (isMade && readFileSync(made, 'utf8') !== JSON.stringify(size))
    throw new Error(`${folder} holds a world of another size: ${readFileSync(made, 'utf8')}`);
  const postgres = await openEmbeddedPostgres(join(folder, 'postgres'), { settings });
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
  const port = await freePort();
  const env = configure(folder, postgres.url, size.chats, port);
  if (!isMade) {
    const began = performance.now();
    await archiveTemplates(postgres.url);
    await multiply(pool, size);
    writeFileSync(made, JSON.stringify(size));
    console.log(`world made in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  await closeDb(await openDb(postgres.url, { migrate: true })); // it may have been made by an earlier version
  const close = async () => {
    await pool.end();
    await postgres.stop();
  };
  return { postgres, pool, env, port, close };
}

/** The product archives a small world of the emulator. */
async function archiveTemplates(databaseUrl: string): Promise<void> {
  const telegram = await startEmulator({ messages: '3000', files: '200', bytes: String(8 * 1024 ** 2) });
  const archive = makeArchive(databaseUrl, telegram);
  const fleet = new Fleet(archive.env);
  try {
    await wantAll(archive, telegram);
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    await fleet.exit(fleet.start('scheduler', '--once'));
  } finally {
    await fleet.stop();
    telegram.child.kill('SIGTERM');
    archive.remove();
  }
}

/** A config.json that names every generated chat; its Telegram is never asked. */
function configure(folder: string, databaseUrl: string, chats: number, port: number): Environment {
  const env: Environment = {
    appdata: join(folder, 'appdata'),
    media: join(folder, 'media'),
    temp: join(folder, 'temp'),
    data: folder,
    databaseUrl,
    redisUrl: undefined,
  };
  mkdirSync(env.appdata, { recursive: true });
  const tg = { api_id: 4242, api_hash: '00112233445566778899aabbccddeeff', sync_interval: 86_400 };
  const wanted = Object.fromEntries(chatIds(chats).map((id) => [id, {}]));
  writeFileSync(
    join(env.appdata, 'config.json'),
    JSON.stringify({ tg: { ...tg, chats: wanted }, dashboard: { port, open_to_everyone: true } }),
  );
  return env;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
