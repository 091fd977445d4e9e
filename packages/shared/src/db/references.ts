/** references.ts: file references that Telegram refused, and the messages to ask for fresh ones. */
import { Prisma } from './sql-text.js';
import { recordGone, type Media } from './media.js';
import type { MediaRef, MediaRow } from './messages.js';
import { type MediaKind, mediaKinds } from './words.js';
import { asRows } from './rows.js';
import { type Db, inTransaction, sql } from './handle.js';

const table = (kind: MediaKind) => Prisma.raw(kind);

/**
 * Notes that the reference which `media` had was refused, and returns how often in a row that was so without a byte in between (`brought`:
 * there was one). Undefined: a fresh one came meanwhile.
 */
export async function refuseReference(
  db: Db,
  { kind, id, accountId, fileReference }: Media,
  brought = false,
): Promise<number | undefined> {
  const rows = await sql(db).$queryRaw<{ refusals: number }[]>`
    UPDATE media_access SET reference_refused_at = now(),
      reference_refusals = CASE WHEN ${brought} THEN 1 ELSE reference_refusals + (reference_refused_at IS NULL)::int END
    WHERE kind = ${kind} AND media_id = ${id} AND account_id = ${accountId} AND file_reference = ${fileReference} RETURNING reference_refusals AS refusals`;
  return rows[0]?.refusals;
}

export interface Origin {
  chatId: bigint;
  readable: boolean;
  wanted: boolean;
}

/**
 * A chat with a message that should still hold the media, a readable one first; undefined: none is left. One that is wanted
 * and cannot be read now is looked at again.
 */
export async function originOf(db: Db, { kind, id }: MediaRef): Promise<Origin | undefined> {
  const rows = await sql(db).$queryRaw<Origin[]>`
    SELECT m.chat_id AS "chatId", dialog.state <> 'unreadable' AS readable, dialog.wanted
    FROM message_media m JOIN dialog ON dialog.chat_id = m.chat_id
    WHERE m.kind = ${kind} AND m.media_id = ${id} AND NOT m.stale
    ORDER BY readable DESC, dialog.wanted DESC, m.message_id DESC LIMIT 1`;
  return rows[0];
}

/** Chats that can be read and have messages which may tell a fresh reference for one that was refused. */
export async function chatsToRefresh(db: Db): Promise<bigint[]> {
  const rows = await sql(db).$queryRaw<{ id: bigint }[]>`
    SELECT DISTINCT chat_id AS id FROM dialog WHERE state <> 'unreadable' AND EXISTS (
      SELECT FROM message_media m WHERE m.chat_id = dialog.chat_id AND m.owed = 'reference') ORDER BY id`;
  return rows.map((it) => it.id);
}

/** A message of a chat that may tell a fresh reference. */
export interface Asked extends MediaRef {
  messageId: bigint;
  /** Its reference was refused; else it is only as old as one that was, or older. */
  refused: boolean;
}

/** Pages read one after the other expire together: a reference up to this many hours younger counts as equally old. */
const sameAgeHours = 1;

/**
 * Messages of a chat to fetch for fresh references, each media once, by its newest message: those whose reference was refused, then, up to
 * `limit`, owed files whose reference is about as old, the closest in age first, since they would be refused next. Empty if nothing was
 * refused. It does not matter whether this chat still wants the media: the person may have deleted its link here.
 */
export async function messagesToAsk(db: Db, chatId: bigint, limit: number): Promise<Asked[]> {
  // One statement, so that a media refused in the meantime is found in one part or the other. More rows than needed are read, because a file
  // may be in several messages of the chat and calls should be full. References received since the refusal are fresh.
  const owed = Prisma.sql`
    FROM message_media m WHERE m.chat_id = ${chatId} AND m.owed = 'file' AND NOT m.stale
      AND NOT EXISTS (SELECT FROM photo WHERE m.kind = 'photo' AND id = m.media_id AND saved)
      AND NOT EXISTS (SELECT FROM document WHERE m.kind = 'document' AND id = m.media_id AND saved)`;
  const found = await sql(db).$queryRaw<Asked[]>`
    WITH refused AS MATERIALIZED (
      SELECT DISTINCT ON (m.media_id, m.kind) m.kind, m.media_id, m.message_id, m.reference_at AS at,
        r.reference_refused_at AS refused_at
      FROM message_media m
      LEFT JOIN LATERAL (SELECT max(reference_refused_at) AS reference_refused_at FROM media_access WHERE kind = m.kind AND media_id = m.media_id) r ON true
      WHERE m.chat_id = ${chatId} AND m.owed = 'reference'
      ORDER BY m.media_id, m.kind, m.message_id DESC LIMIT ${limit}),
    age AS MATERIALIZED (SELECT max(at) AS at, min(refused_at) AS refused_at FROM refused),
    older AS (
      SELECT m.kind, m.media_id, m.message_id, m.reference_at ${owed} AND m.reference_at <= (SELECT at FROM age)
      ORDER BY m.reference_at DESC LIMIT ${4 * limit}),
    younger AS (
      SELECT m.kind, m.media_id, m.message_id, m.reference_at ${owed} AND m.reference_at > (SELECT at FROM age)
        AND m.reference_at < (SELECT least(refused_at, at + make_interval(hours => ${sameAgeHours})) FROM age)
      ORDER BY m.reference_at LIMIT ${4 * limit})
    SELECT kind, media_id AS id, message_id AS "messageId", turn = 0 AS refused FROM (
      SELECT 0 AS turn, kind, media_id, message_id, NULL::interval AS apart FROM refused
      UNION ALL SELECT 1, kind, media_id, message_id, at - reference_at FROM older, age
      UNION ALL SELECT 2, kind, media_id, message_id, reference_at - at FROM younger, age) found
    ORDER BY turn, apart, media_id, kind, message_id DESC`;
  const each = new Map<string, Asked>();
  for (const it of found) {
    const key = `${it.kind}-${it.id}`;
    if (!each.has(key)) each.set(key, it);
  }
  return [...each.values()].slice(0, limit);
}

/** Stores fresh references that came with messages which an account fetched. */
export async function renewReferences(db: Db, accountId: bigint, fresh: readonly MediaRow[]): Promise<void> {
  for (const kind of mediaKinds) {
    const rows = fresh
      .filter((it) => it.kind === kind)
      .map(({ id, fileReference, dcId, accessHash }) => {
        return { id, fileReference: Buffer.from(fileReference).toString('hex'), dcId, accessHash };
      });
    if (rows.length === 0) continue;
    await inTransaction(db, async (tx) => {
      await sql(tx)
        .$queryRaw`SELECT id FROM ${table(kind)} WHERE id = ANY(${rows.map((it) => it.id)}) ORDER BY id FOR UPDATE`;
      await sql(tx).$executeRaw`
        UPDATE ${table(kind)} media SET dc_id = x."dcId" FROM jsonb_to_recordset(${asRows(rows)}::jsonb) AS x(id bigint, "dcId" int)
        WHERE media.id = x.id AND dc_id <> x."dcId"`;
      await sql(tx).$executeRaw`
        INSERT INTO media_access (account_id, kind, media_id, access_hash, file_reference)
        SELECT ${accountId}::bigint, ${kind}, id, "accessHash", decode("fileReference", 'hex')
        FROM jsonb_to_recordset(${asRows(rows)}::jsonb) AS x(id bigint, "accessHash" bigint, "fileReference" text)
        ON CONFLICT (kind, media_id, account_id) DO UPDATE SET access_hash = excluded.access_hash, file_reference = excluded.file_reference,
          reference_at = now(), reference_refused_at = NULL`;
    });
  }
}

/** Seconds until a message that returned nothing is fetched again; doubled each time, up to `longest`. */
const untoldFor = { first: 5, longest: 3600 };

/**
 * Telegram's answer left out a message that was fetched for a fresh reference, without saying that it is empty. This counts as a failed
 * attempt of the media, which fails for good after `attempts`; a saved file is merely not checked against Telegram's hashes.
 */
export async function recordUntold(
  db: Db,
  chatId: bigint,
  { kind, id, messageId }: Asked,
  attempts: number,
): Promise<void> {
  const reason = `Telegram tells nothing of message ${messageId} of chat ${chatId}, which holds it`;
  await inTransaction(db, async (tx) => {
    const rows = await sql(tx).$queryRaw<{ tries: number; saved: boolean }[]>`
      UPDATE ${table(kind)} SET attempts = attempts + 1, reason = CASE WHEN saved THEN reason ELSE ${reason} END,
        state = CASE WHEN NOT saved AND attempts + 1 >= ${attempts} THEN 'failed' ELSE state END,
        proven_at = CASE WHEN saved THEN now() END
      WHERE id = ${id} AND state IN ('owed', 'saved') RETURNING attempts AS tries, saved`;
    if (rows.length === 0) return;
    if (rows[0]!.saved)
      await sql(tx)
        .$executeRaw`UPDATE media_access SET reference_refused_at = NULL WHERE kind = ${kind} AND media_id = ${id}`;
    await sql(tx).$executeRaw`
      UPDATE message_media SET reference_retry_at = now() +
        make_interval(secs => least(${untoldFor.longest}, ${untoldFor.first} * 2 ^ least(${rows[0]!.tries - 1}, 10)))
      WHERE chat_id = ${chatId} AND message_id = ${messageId} AND kind = ${kind} AND media_id = ${id}`;
  });
}

/**
 * Fails media whose reference was refused and cannot be renewed: none of the chats that hold them can be read, and none is wanted, so none
 * will be tried again. Begins with the refused references, which are few: without OFFSET, Postgres may begin with all pending links.
 */
export async function failUnreachable(db: Db): Promise<void> {
  for (const kind of mediaKinds)
    await sql(db).$executeRaw`
      UPDATE ${table(kind)} media SET state = 'failed',
        reason = 'its file reference is too old, and the chats that hold it cannot be read and are not in tg.chats'
      WHERE id IN (SELECT media_id FROM media_access WHERE kind = ${kind} AND reference_refused_at IS NOT NULL)
        AND NOT EXISTS (SELECT FROM media_access WHERE kind = ${kind} AND media_id = media.id AND reference_refused_at IS NULL)
        AND NOT saved AND state = 'owed'
        AND EXISTS (SELECT FROM message_media m JOIN dialog ON dialog.chat_id = m.chat_id AND dialog.wanted
          WHERE m.kind = ${kind} AND m.media_id = media.id AND m.link = 'pending' OFFSET 0)
        AND NOT EXISTS (SELECT FROM message_media m JOIN dialog ON dialog.chat_id = m.chat_id AND (dialog.wanted OR dialog.state <> 'unreadable')
          WHERE m.kind = ${kind} AND m.media_id = media.id AND NOT m.stale OFFSET 0)`;
}

/** A message no longer holds the media; when it was the last one, the media is gone. */
export async function loseOrigin(
  db: Db,
  chatId: bigint,
  { kind, id, messageId }: MediaRef & { messageId: bigint },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    // Two that lose the last two origins at once would each see the other's; a page that brings a new one waits, or is seen.
    await sql(tx).$queryRaw`SELECT id FROM ${table(kind)} WHERE id = ${id} FOR UPDATE`;
    await sql(tx).$executeRaw`
      UPDATE message_media SET stale = true
      WHERE chat_id = ${chatId} AND message_id = ${messageId} AND kind = ${kind} AND media_id = ${id}`;
    const left = await sql(tx).$queryRaw<unknown[]>`
      SELECT 1 FROM message_media WHERE kind = ${kind} AND media_id = ${id} AND NOT stale LIMIT 1`;
    if (left.length === 0)
      await recordGone(tx, { kind, id }, 'every message that held it was deleted or changed in Telegram');
  });
}
