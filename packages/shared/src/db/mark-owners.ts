/**
 * mark-owners.ts: fills `owner_id` for the messages of private chats and basic groups, which the keys of a later migration need. It works in
 * batches, so that an archive of millions does not need a second copy of itself on disk and an interrupted upgrade resumes.
 */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { PersonError } from '../errors/index.js';

export interface MarkOptions {
  /** Called now and then with the progress. */
  tell: (line: string) => void;
  /** Messages per statement. */
  batch?: number;
}

const tellMs = 5000;
/** Ids of channels and supergroups are at or below this; their messages belong to no account. */
const channels = -1_000_000_000_000n;
/** Disk space needed, as a share of the tables: the new keys beside the old ones, and rewritten rows until VACUUM frees the old versions. */
const roomShare = 0.4;

/** Throws PersonError, before anything is written, if the disk has too little space. */
export async function markOwners(client: pg.Client, { tell, batch = 5000 }: MarkOptions): Promise<void> {
  await needRoom(client);
  const total = await count(client);
  const progress = new Progress(total, tell);
  const freeAfter = Math.max(20 * batch, Math.ceil(total / 10));
  let written = 0;
  for (let chat = await nextChat(client, channels); chat !== undefined; chat = await nextChat(client, chat)) {
    for (let after = -(2n ** 63n); ;) {
      const { last, rows } = await markSome(client, chat, after, batch);
      if (last === null) break;
      after = BigInt(last);
      written += rows;
      progress.add(rows);
      if (written < freeAfter) continue;
      written = 0;
      // Frees the old row versions, so that the next batches reuse their space.
      await client.query('VACUUM message, message_media');
    }
  }
  for (const table of ['coverage', 'not_visible'])
    await client.query(
      `UPDATE ${table} SET owner_id = (SELECT account_id FROM archive) WHERE chat_id > $1 AND owner_id = 0`,
      [channels],
    );
  if (total > 0) tell('new keys are made, which may take minutes');
}

/** How many messages are still to be marked. */
async function count(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    'SELECT count(*) FROM message WHERE chat_id > $1 AND owner_id = 0',
    [channels],
  );
  return Number(rows[0]!.count);
}

async function nextChat(client: pg.Client, after: bigint): Promise<bigint | undefined> {
  const { rows } = await client.query<{ chat: string | null }>(
    'SELECT min(chat_id) AS chat FROM message WHERE chat_id > $1',
    [after],
  );
  return rows[0]!.chat === null ? undefined : BigInt(rows[0]!.chat);
}

async function markSome(
  client: pg.Client,
  chat: bigint,
  after: bigint,
  batch: number,
): Promise<{ last: string | null; rows: number }> {
  const { rows } = await client.query<{ last: string | null; rows: number }>(
    `WITH batch AS (SELECT id FROM message WHERE chat_id = $1 AND id > $2 ORDER BY id LIMIT $3),
      marked AS (
        UPDATE message SET owner_id = coalesce(account_id, (SELECT account_id FROM archive)) FROM batch
        WHERE message.chat_id = $1 AND message.id = batch.id AND owner_id = 0 RETURNING message.id, owner_id),
      media AS (
        UPDATE message_media SET owner_id = marked.owner_id FROM marked WHERE message_media.chat_id = $1 AND message_id = marked.id)
    SELECT max(id) AS last, (SELECT count(*) FROM marked)::int AS rows FROM batch`,
    [chat, after, batch],
  );
  return rows[0]!;
}

/** Checked only if the server runs on this machine and tells its folder. Elsewhere Postgres reports a full disk itself, and nothing is lost. */
async function needRoom(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ folder: string | null; bytes: string }>(
    `SELECT CASE WHEN pg_has_role(current_user, 'pg_read_all_settings', 'USAGE') THEN current_setting('data_directory', true) END AS folder,
      pg_total_relation_size('message') + pg_total_relation_size('message_media') AS bytes`,
  );
  const { folder, bytes } = rows[0]!;
  const isHere = ['localhost', '127.0.0.1', '::1'].includes(client.host) || client.host.startsWith('/');
  if (folder === null || !isHere || !existsSync(join(folder, 'postmaster.pid'))) return;
  const disk = await statfs(folder);
  const [needs, free] = [Number(bytes) * roomShare, disk.bavail * disk.bsize];
  if (needs <= free) return;
  const megabytes = (it: number) => `${Math.ceil(it / 1_000_000)} MB`;
  throw new PersonError(
    `The upgrade of the database needs ${megabytes(needs)} of room in ${folder}, and there are ${megabytes(free)}. Nothing was changed: ` +
      'make room, and start again.',
  );
}

class Progress {
  private done = 0;
  private told = performance.now();

  constructor(
    private readonly total: number,
    private readonly tell: (line: string) => void,
  ) {}

  add(rows: number): void {
    this.done += rows;
    if (performance.now() - this.told < tellMs) return;
    this.told = performance.now();
    this.tell(`${this.done} of ${this.total} messages are marked with their account`);
  }
}
