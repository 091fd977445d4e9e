/** unlinking.ts: links on disk whose messages went from the archive. Whoever removes them holds the claim on their media. */
import { type Db, inTransaction, sql, type Tx } from './handle.js';
import { type Media, table } from './media.js';
import type { MediaRef } from './messages.js';

export interface LinkToRemove {
  id: bigint;
  chatId: bigint;
  folder: string | null;
  /** null: there is no link, but perhaps the file is not needed any more. */
  name: string | null;
  /** The file goes, too, if no message holds it. */
  withFile: boolean;
  /** Another link has this place by now. */
  isTaken: boolean;
}

/** How long a link that the disk refuses to remove is left alone. */
const retryMinutes = 5;

/** Media with links to be removed, as many as there is room for. */
export async function mediaToUnlink(db: Db, most: number): Promise<MediaRef[]> {
  return await sql(db).$queryRaw<MediaRef[]>`
    SELECT DISTINCT kind, media_id AS id FROM unlinking WHERE retry_at IS NULL OR retry_at <= now() LIMIT ${most}`;
}

export async function linksToRemove(db: Db, { kind, id }: MediaRef): Promise<LinkToRemove[]> {
  return await sql(db).$queryRaw<LinkToRemove[]>`
    SELECT id, chat_id AS "chatId", folder, name, with_file AS "withFile", EXISTS (SELECT FROM message_media m
      WHERE m.link_key = u.link_key OR u.link_key IS NULL AND m.chat_id = u.chat_id AND m.message_id = u.message_id AND m.link_name = u.name) AS "isTaken"
    FROM unlinking u WHERE kind = ${kind} AND media_id = ${id} ORDER BY id`;
}

/** These are done. */
export async function recordRemoved(db: Db, ids: readonly bigint[]): Promise<void> {
  await sql(db).$executeRaw`DELETE FROM unlinking WHERE id = ANY(${[...ids]}::bigint[])`;
}

/** The disk refuses. */
export async function postponeRemoval(db: Db, { kind, id }: MediaRef): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE unlinking SET retry_at = now() + make_interval(mins => ${retryMinutes}) WHERE kind = ${kind} AND media_id = ${id}`;
}

/**
 * Gives up the file of a claimed media that no message holds any more; from now on it does not count as saved, so a file that is gone is no
 * deletion of the person's. False: a message holds it, or the claim was lost.
 */
export async function giveUpFile(db: Db, { kind, id, claim }: Media): Promise<boolean> {
  return await inTransaction(db, async (tx) => {
    await sql(tx).$queryRaw`SELECT FROM ${table(kind)} WHERE id = ${id} FOR UPDATE`;
    if (await isHeld(tx, { kind, id })) return false;
    const given = await sql(tx).$executeRaw`
      UPDATE ${table(kind)} SET saved = false, state = 'gone', reason = 'no message holds it any more' WHERE id = ${id} AND claim = ${claim}`;
    return given > 0;
  });
}

/**
 * Its file is gone, and these links: nothing of it is remembered, unless a message came that holds it. Links that were noted since then are
 * removed first: nobody can claim a media that is forgotten.
 */
export async function forgetMedia(db: Db, { kind, id, claim }: Media, links: readonly bigint[]): Promise<void> {
  await inTransaction(db, async (tx) => {
    await sql(tx).$queryRaw`SELECT FROM ${table(kind)} WHERE id = ${id} FOR UPDATE`;
    if (await isHeld(tx, { kind, id })) return;
    await sql(tx).$executeRaw`DELETE FROM unlinking WHERE id = ANY(${[...links]}::bigint[])`;
    const left = await sql(tx).$queryRaw<
      unknown[]
    >`SELECT FROM unlinking WHERE kind = ${kind} AND media_id = ${id} LIMIT 1`;
    if (left.length > 0) return;
    const forgotten = await sql(tx).$executeRaw`
      DELETE FROM ${table(kind)} WHERE id = ${id} AND claim = ${claim} AND state = 'gone'`;
    if (forgotten > 0) await sql(tx).$executeRaw`DELETE FROM media_access WHERE kind = ${kind} AND media_id = ${id}`;
  });
}

async function isHeld(tx: Tx, { kind, id }: MediaRef): Promise<boolean> {
  const [row] = await sql(tx).$queryRaw<{ held: boolean }[]>`
    SELECT EXISTS (SELECT FROM message_media WHERE kind = ${kind} AND media_id = ${id}) AS held`;
  return row!.held;
}
