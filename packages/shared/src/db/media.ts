/**
 * media.ts: what is owed of photos and documents, who works on it (claims with a fencing number), and what came of it.
 * The two tables are one concept: a kind names its table.
 */
import { Prisma } from './generated/client.js';
import type { MediaKind, MediaRef } from './messages.js';
import type { Db, Tx } from './open.js';
import { asRows } from './rows.js';

/** Longer than a renewal takes to fail twice. */
const claimSeconds = 20;
export const claimRenewalMs = 5000;

export interface Media extends MediaRef {
  state: 'owed' | 'saved' | 'failed' | 'gone';
  reason: string | null;
  attempts: number;
  dcId: number;
  accessHash: bigint;
  fileReference: Uint8Array;
  referenceRefusedAt: Date | null;
  size: bigint;
  /** Photos only. */
  thumbSize: string | null;
  type: string | null;
  /** Documents only: the name that the sender gave. */
  name: string | null;
  /** The fencing number of the claim. */
  claim: bigint;
  sha256: string | null;
  fileName: string | null;
}

const table = (kind: MediaKind) => Prisma.raw(kind);

const columns = (kind: MediaKind) => Prisma.sql`
  ${kind} AS kind, id, state, reason, attempts, dc_id AS "dcId", access_hash AS "accessHash", file_reference AS "fileReference",
  reference_refused_at AS "referenceRefusedAt", size, type, claim, sha256, file_name AS "fileName",
  ${kind === 'photo' ? Prisma.raw('thumb_size') : Prisma.raw('NULL::text')} AS "thumbSize",
  ${kind === 'photo' ? Prisma.raw('NULL::text') : Prisma.raw('name')} AS name`;

export async function findMedia(db: Tx, { kind, id }: MediaRef): Promise<Media | undefined> {
  const rows = await db.$queryRaw<Media[]>`SELECT ${columns(kind)} FROM ${table(kind)} WHERE id = ${id}`;
  return rows[0];
}

/** Takes a media to work on it; undefined while another worker has it, or when there is no such media. */
export async function claimMedia(db: Db, { kind, id }: MediaRef): Promise<Media | undefined> {
  const rows = await db.$queryRaw<Media[]>`
    UPDATE ${table(kind)} SET claim = claim + 1, claimed_until = now() + make_interval(secs => ${claimSeconds})
    WHERE id = ${id} AND (claimed_until IS NULL OR claimed_until < now())
    RETURNING ${columns(kind)}`;
  return rows[0];
}

/** Keeps a claim; false when it was lost to another worker. */
export async function renewClaim(db: Db, { kind, id, claim }: Media): Promise<boolean> {
  const kept = await db.$executeRaw`
    UPDATE ${table(kind)} SET claimed_until = now() + make_interval(secs => ${claimSeconds}) WHERE id = ${id} AND claim = ${claim}`;
  return kept === 1;
}

export async function releaseClaim(db: Db, { kind, id, claim }: Media): Promise<void> {
  await db.$executeRaw`UPDATE ${table(kind)} SET claimed_until = NULL WHERE id = ${id} AND claim = ${claim}`;
}

/** Another attempt did not bring it; `final`: the planner shall leave it alone. Says nothing if the claim was lost. */
export async function recordFailure(db: Db, { kind, id, claim }: Media, reason: string, final: boolean): Promise<void> {
  await db.$executeRaw`
    UPDATE ${table(kind)} SET attempts = attempts + 1, reason = ${reason}, claimed_until = NULL,
      state = CASE WHEN ${final} THEN 'failed' ELSE state END
    WHERE id = ${id} AND claim = ${claim} AND NOT saved AND state <> 'gone'`;
}

/** No message in Telegram holds it any more. */
export async function recordGone(db: Tx, { kind, id }: MediaRef, reason: string): Promise<void> {
  await db.$executeRaw`
    UPDATE ${table(kind)} SET state = 'gone', reason = ${reason} WHERE id = ${id} AND NOT saved`;
}

/** Makes a failed media owed again. */
export async function resetFailed(db: Db, { kind, id }: MediaRef): Promise<void> {
  await db.$executeRaw`UPDATE ${table(kind)} SET state = 'owed', reason = NULL WHERE id = ${id} AND state = 'failed'`;
}

export async function recordDataCentre(db: Db, { kind, id }: MediaRef, dcId: number): Promise<void> {
  await db.$executeRaw`UPDATE ${table(kind)} SET dc_id = ${dcId} WHERE id = ${id}`;
}

/** A message that waits for the link of a media. */
export interface PendingLink {
  chatId: bigint;
  messageId: bigint;
}

export async function pendingLinks(db: Db, { kind, id }: MediaRef): Promise<PendingLink[]> {
  return await db.$queryRaw<PendingLink[]>`
    SELECT chat_id AS "chatId", message_id AS "messageId" FROM message_media
    WHERE kind = ${kind} AND media_id = ${id} AND link = 'pending' ORDER BY chat_id, message_id`;
}

/**
 * Names a link, once and for all; returns the name that counts. `choose` gets the names that other media of the same message have.
 * The message is locked meanwhile: two of its media may be placed at the same time, and must not choose the same name.
 */
export async function reserveLinkName(
  db: Db,
  { kind, id }: MediaRef,
  { chatId, messageId }: PendingLink,
  choose: (taken: readonly string[]) => string,
): Promise<string> {
  return await db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM message WHERE chat_id = ${chatId} AND id = ${messageId} FOR UPDATE`;
    const named = await tx.$queryRaw<{ mine: boolean; name: string }[]>`
      SELECT kind = ${kind} AND media_id = ${id} AS mine, link_name AS name FROM message_media
      WHERE chat_id = ${chatId} AND message_id = ${messageId} AND link_name IS NOT NULL`;
    const given = named.find((it) => it.mine)?.name;
    if (given !== undefined) return given;
    const name = choose(named.map((it) => it.name));
    await tx.$executeRaw`
      UPDATE message_media SET link_name = ${name}
      WHERE chat_id = ${chatId} AND message_id = ${messageId} AND kind = ${kind} AND media_id = ${id}`;
    return name;
  });
}

export interface SavedFile {
  fileName: string;
  sha256: string;
  size: bigint;
}

/** The file is in its repo and linked: media, links and messages say so together. False: the claim was lost. */
export async function recordSaved(
  db: Db,
  media: Media,
  file: SavedFile,
  links: readonly PendingLink[],
): Promise<boolean> {
  return await db.$transaction(async (tx) => {
    const mine = await tx.$executeRaw`
      UPDATE ${table(media.kind)} SET saved = true, state = 'saved', reason = NULL, saved_at = now(), file_name = ${file.fileName},
        sha256 = ${file.sha256}, size = ${file.size}
      WHERE id = ${media.id} AND claim = ${media.claim}`;
    if (mine === 1) await recordLinks(tx, media, links, 'linked');
    return mine === 1;
  });
}

/** Links are made (or, `absent`, deliberately not); messages without any further pending media become linked. */
export async function recordLinks(
  tx: Tx,
  { kind, id }: MediaRef,
  links: readonly PendingLink[],
  state: 'linked' | 'absent',
): Promise<void> {
  const rows = asRows(links);
  // Two media of one message may get here at once: without the lock each would take the other's link for one that is still to be made.
  await tx.$queryRaw`
    SELECT id FROM message JOIN jsonb_to_recordset(${rows}::jsonb) AS x("chatId" bigint, "messageId" bigint)
      ON chat_id = x."chatId" AND id = x."messageId" ORDER BY chat_id, id FOR UPDATE OF message`;
  await tx.$executeRaw`
    UPDATE message_media SET link = ${state} FROM jsonb_to_recordset(${rows}::jsonb) AS x("chatId" bigint, "messageId" bigint)
    WHERE chat_id = x."chatId" AND message_id = x."messageId" AND kind = ${kind} AND media_id = ${id}`;
  await tx.$executeRaw`
    UPDATE message SET linked = true FROM jsonb_to_recordset(${rows}::jsonb) AS x("chatId" bigint, "messageId" bigint)
    WHERE chat_id = x."chatId" AND id = x."messageId" AND NOT linked AND NOT EXISTS (
      SELECT FROM message_media WHERE chat_id = x."chatId" AND message_id = x."messageId" AND link = 'pending')`;
}

/** A media that is owed, with names for people: those of a chat that waits for it, and of the file. */
export interface OwedMedia extends MediaRef {
  chatTitle: string;
  name: string | null;
}

/**
 * Media that wanted chats wait for, after a given one in the order of kind and id: owed ones and saved ones with a link to make.
 * Failed and gone ones are left alone, and those that want a fresh reference while no chat that holds them can be read.
 */
export async function owedMedia(db: Db, after: MediaRef | undefined, limit: number): Promise<OwedMedia[]> {
  const { kind, id } = after ?? { kind: '', id: 0n };
  return await db.$queryRaw<OwedMedia[]>`
    WITH waiting AS MATERIALIZED (
      SELECT refused.kind, refused.id FROM (
        SELECT 'photo' AS kind, id FROM photo WHERE reference_refused_at IS NOT NULL AND NOT saved
        UNION ALL SELECT 'document', id FROM document WHERE reference_refused_at IS NOT NULL AND NOT saved) refused
      JOIN message_media o ON o.kind = refused.kind AND o.media_id = refused.id AND NOT o.stale
      JOIN chat ON chat.id = o.chat_id
      GROUP BY 1, 2 HAVING bool_and(chat.state = 'unreadable') AND bool_or(chat.wanted))
    SELECT DISTINCT ON (m.kind, m.media_id) m.kind, m.media_id AS id, chat.title AS "chatTitle", d.name
    FROM message_media m JOIN chat ON chat.id = m.chat_id AND chat.wanted
    LEFT JOIN photo p ON m.kind = 'photo' AND p.id = m.media_id
    LEFT JOIN document d ON m.kind = 'document' AND d.id = m.media_id
    WHERE m.link = 'pending' AND (m.kind, m.media_id) > (${kind}, ${id}) AND coalesce(p.state, d.state) NOT IN ('failed', 'gone')
      AND (m.kind, m.media_id) NOT IN (SELECT kind, id FROM waiting)
    ORDER BY m.kind, m.media_id LIMIT ${limit}`;
}

/** Of some media those that a wanted chat waits for. */
export async function stillWanted(db: Db, media: readonly MediaRef[]): Promise<MediaRef[]> {
  return await db.$queryRaw<MediaRef[]>`
    SELECT DISTINCT m.kind, m.media_id AS id FROM jsonb_to_recordset(${asRows(media)}::jsonb) AS x(kind text, id bigint)
    JOIN message_media m ON m.kind = x.kind AND m.media_id = x.id AND m.link = 'pending'
    JOIN chat ON chat.id = m.chat_id AND chat.wanted`;
}
