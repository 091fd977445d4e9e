/**
 * mark-owners.ts: marks the messages of private chats and basic groups with the account that they belong to, which the keys of a later
 * migration need. Some at a time: an archive of millions is marked without another copy of it on disk, and who is interrupted goes on.
 */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { PersonError } from '../errors/index.js';

export interface MarkOptions {
  /** Told what is under way, now and then. */
  tell: (line: string) => void;
  /** Messages a statement. */
  batch?: number;
}

const tellMs = 5000;
/** Channels and supergroups have ids up to this; their messages are nobody's. */
const channels = -1_000_000_000_000n;
/** Of the tables: what the new keys take beside the old ones, and the rows that were written anew before their space was free again. */
const roomShare = 0.4;

/** Throws PersonError when the disk has no room for it, before anything is written. */
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
      // The former versions of the rows make room for the next ones.
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

/** Of those that are still to be marked. */
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

/** Only where the server runs on this machine and says where: elsewhere it says itself when its disk is full, and nothing is lost by it. */
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
