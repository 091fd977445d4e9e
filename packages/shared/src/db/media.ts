/**
 * media.ts: photos and documents: who works on one (claims with a fencing number), and the outcome. The two tables are one concept: the
 * kind names the table.
 */
import { Prisma } from './sql-text.js';
import type { MediaRef } from './messages.js';
import type { LinkState, MediaKind, MediaState } from './words.js';
import { asRows } from './rows.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';

/** Longer than two failing renewals take. */
export const claimSeconds = 20;
export const claimRenewalMs = 5000;

export interface Media extends MediaRef {
  state: MediaState;
  reason: string | null;
  attempts: number;
  dcId: number;
  /** The account that the following reach the file by. */
  accountId: bigint;
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

export const table = (kind: MediaKind) => Prisma.raw(kind);

const columns = (kind: MediaKind) => Prisma.sql`
  ${kind} AS kind, m.id, m.state, m.reason, m.attempts, m.dc_id AS "dcId", account_id AS "accountId", access_hash AS "accessHash",
  file_reference AS "fileReference", reference_refused_at AS "referenceRefusedAt", size, type, claim, sha256, file_name AS "fileName",
  ${kind === 'photo' ? Prisma.raw('thumb_size') : Prisma.raw('NULL::text')} AS "thumbSize",
  ${kind === 'photo' ? Prisma.raw('NULL::text') : Prisma.raw('name')} AS name`;

/** SQL: how `m`, a media of this kind, is best reached: by the newest reference that was not refused. */
const access = (kind: MediaKind) => Prisma.sql`
  SELECT * FROM media_access WHERE kind = ${kind} AND media_id = m.id
  ORDER BY reference_refused_at IS NOT NULL, reference_at DESC LIMIT 1`;

export async function findMedia(db: Db | Tx, { kind, id }: MediaRef): Promise<Media | undefined> {
  const rows = await sql(db).$queryRaw<Media[]>`
    SELECT ${columns(kind)} FROM ${table(kind)} m CROSS JOIN LATERAL (${access(kind)}) access WHERE id = ${id}`;
  return rows[0];
}

/** Claims a media; undefined while another worker has it, or if there is no such media. */
export async function claimMedia(db: Db, { kind, id }: MediaRef): Promise<Media | undefined> {
  const rows = await sql(db).$queryRaw<Media[]>`
    WITH m AS (
      UPDATE ${table(kind)} SET claim = claim + 1, claimed_until = now() + make_interval(secs => ${claimSeconds})
      WHERE id = ${id} AND (claimed_until IS NULL OR claimed_until < now()) RETURNING *)
    SELECT ${columns(kind)} FROM m CROSS JOIN LATERAL (${access(kind)}) access`;
  return rows[0];
}

/** A claimed media, and a link that waits for it. */
export interface WantedMedia {
  media: Media;
  link: PendingLink;
}

/**
 * Claims a media for which a wanted chat has a pending link; `unwanted` if there is none. undefined while another worker has it, or if
 * there is no such media. One statement, as it runs for every file.
 */
export async function claimWanted(db: Db, { kind, id }: MediaRef): Promise<WantedMedia | 'unwanted' | undefined> {
  const rows = await sql(db).prepared.$queryRaw<(PendingLink & Media)[]>`
    WITH wanted AS (
      SELECT m.chat_id AS "chatId", message_id AS "messageId" FROM message_media m JOIN dialog ON dialog.chat_id = m.chat_id AND dialog.wanted
      WHERE m.kind = ${kind} AND m.media_id = ${id} AND ${linkIsDue} LIMIT 1),
    m AS (
      UPDATE ${table(kind)} SET claim = claim + 1, claimed_until = now() + make_interval(secs => ${claimSeconds})
      WHERE id = ${id} AND (claimed_until IS NULL OR claimed_until < now()) AND EXISTS (SELECT FROM wanted) RETURNING *)
    SELECT wanted.*, ${columns(kind)} FROM wanted LEFT JOIN (m CROSS JOIN LATERAL (${access(kind)}) access) ON true`;
  if (!rows[0]) return 'unwanted';
  const { chatId, messageId, ...media } = rows[0];
  return media.id === null ? undefined : { media, link: { chatId, messageId } };
}

/** Renews a claim; false if it was lost to another worker. */
export async function renewClaim(db: Db, { kind, id, claim }: Media): Promise<boolean> {
  const kept = await sql(db).$executeRaw`
    UPDATE ${table(kind)} SET claimed_until = now() + make_interval(secs => ${claimSeconds}) WHERE id = ${id} AND claim = ${claim}`;
  return kept === 1;
}

export async function releaseClaim(db: Db, { kind, id, claim }: Media): Promise<void> {
  await sql(db).$executeRaw`UPDATE ${table(kind)} SET claimed_until = NULL WHERE id = ${id} AND claim = ${claim}`;
}

/** Records a failed attempt; `final`: the planner leaves it alone from now on. Writes nothing if the claim was lost. */
export async function recordFailure(db: Db, { kind, id, claim }: Media, reason: string, final: boolean): Promise<void> {
  await sql(db).$executeRaw`
    WITH failed AS (
      UPDATE ${table(kind)} SET attempts = attempts + 1, reason = ${reason}, claimed_until = NULL,
        state = CASE WHEN ${final} THEN 'failed' ELSE state END
      WHERE id = ${id} AND claim = ${claim} AND NOT saved AND state <> 'gone' RETURNING id)
    UPDATE media_access SET reference_refusals = 0 FROM failed WHERE kind = ${kind} AND media_id = failed.id AND reference_refusals > 0`;
}

/** Records that no message in Telegram holds it any more. */
export async function recordGone(db: Db | Tx, { kind, id }: MediaRef, reason: string): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE ${table(kind)} SET state = 'gone', reason = ${reason} WHERE id = ${id} AND NOT saved`;
}

/** Makes a failed media owed again, with all its attempts. */
export async function resetFailed(db: Db, { kind, id }: MediaRef): Promise<void> {
  await inTransaction(db, async (tx) => {
    const reset = await sql(tx).$executeRaw`
      UPDATE ${table(kind)} SET state = 'owed', reason = NULL, attempts = 0 WHERE id = ${id} AND state = 'failed'`;
    if (reset === 0) return;
    await sql(tx).$executeRaw`
      UPDATE media_access SET reference_refusals = 0 WHERE kind = ${kind} AND media_id = ${id} AND reference_refusals > 0`;
    await sql(tx).$executeRaw`
      UPDATE message_media SET reference_retry_at = NULL WHERE kind = ${kind} AND media_id = ${id} AND reference_retry_at IS NOT NULL`;
  });
}

export async function recordDataCentre(db: Db, { kind, id }: MediaRef, dcId: number): Promise<void> {
  await sql(db).$executeRaw`UPDATE ${table(kind)} SET dc_id = ${dcId} WHERE id = ${id}`;
}

/** SQL: a link of `m` that is pending and due. */
export const linkIsDue = Prisma.sql`m.link = 'pending' AND m.link_retry_at IS NULL`;

/** A message that waits for a link to a media. */
export interface PendingLink {
  chatId: bigint;
  messageId: bigint;
}

/** A pending link. */
export interface OwedLink extends PendingLink {
  /** It existed before: the file of that name is what we put there, not the person's own. */
  wasLinked: boolean;
  /** The date of the message; null if it is unreadable. */
  date: Date | null;
}

/** Links that the disk refused are left out until they are due again. */
export async function pendingLinks(db: Db, { kind, id }: MediaRef): Promise<OwedLink[]> {
  return await sql(db).$queryRaw<OwedLink[]>`
    SELECT m.chat_id AS "chatId", message_id AS "messageId", was_linked AS "wasLinked", message.date FROM message_media m
    LEFT JOIN message ON message.chat_id = m.chat_id AND message.id = message_id AND message.owner_id = m.owner_id
    WHERE kind = ${kind} AND media_id = ${id} AND ${linkIsDue} ORDER BY m.chat_id, message_id`;
}

/** The date of the first message that holds a media, of those that are stored; null if none is readable. */
export async function firstDate(db: Db, { kind, id }: MediaRef): Promise<Date | null> {
  const rows = await sql(db).$queryRaw<{ date: Date | null }[]>`
    SELECT min(message.date)::timestamptz(3) AS date FROM message_media m
    JOIN message ON message.chat_id = m.chat_id AND message.id = message_id AND message.owner_id = m.owner_id
    WHERE kind = ${kind} AND media_id = ${id}`;
  return rows[0]?.date ?? null;
}

/** A link that the disk refused, with the reason as text for people. */
export interface RefusedLink extends PendingLink {
  reason: string;
}

/** Minutes until a refused link is retried: doubled each time, up to the maximum. */
const refusedFor = { first: 5, longest: 60 };

export async function recordRefusedLinks(
  db: Db | Tx,
  { kind, id }: MediaRef,
  links: readonly RefusedLink[],
): Promise<void> {
  if (links.length === 0) return;
  await sql(db).$executeRaw`
    UPDATE message_media SET link_reason = x.reason, link_tries = link_tries + 1,
      link_retry_at = now() + make_interval(mins => least(${refusedFor.longest}, ${refusedFor.first} * 2 ^ least(link_tries, 10))::int)
    FROM jsonb_to_recordset(${asRows(links)}::jsonb) AS x("chatId" bigint, "messageId" bigint, reason text)
    WHERE chat_id = x."chatId" AND message_id = x."messageId" AND kind = ${kind} AND media_id = ${id} AND link = 'pending'`;
}

/** A link that was made; `copied`: the disk refused it, so there is a copy instead. */
export interface MadeLink extends PendingLink {
  copied?: boolean;
}

type MadeState = Extract<LinkState, 'linked' | 'absent'>;

/** A link of a media. */
export type LinkOf = MadeLink & MediaRef;

/** Records links as made (or, `absent`, deliberately not made); messages without further pending media become linked. Atomic. */
export async function recordLinks(
  db: Db,
  { kind, id }: MediaRef,
  links: readonly MadeLink[],
  state: MadeState,
): Promise<void> {
  await inTransaction(db, (tx) =>
    markLinks(
      tx,
      links.map((it) => ({ ...it, kind, id })),
      state,
    ),
  );
}

/**
 * The same within a transaction, for links of any media. Run separately, its statements could leave a message unlinked for ever if the
 * connection broke in between.
 */
export async function markLinks(tx: Tx, links: readonly LinkOf[], state: MadeState): Promise<void> {
  if (links.length === 0) return;
  await sql(tx).$queryRaw`${lockedMessages(asRows(links))}`;
  await markLocked(tx, links, state);
}

/**
 * SQL: locks the messages of links. Two media of one message may be recorded at once: without the lock each would take the other's link for
 * pending. Only a later statement sees what was recorded before.
 */
export const lockedMessages = (links: string) => Prisma.sql`
  SELECT FROM message WHERE (chat_id, id) IN (
    SELECT "chatId", "messageId" FROM jsonb_to_recordset(${links}::jsonb) AS x("chatId" bigint, "messageId" bigint))
  ORDER BY chat_id, id FOR UPDATE`;

/** As {@link markLinks}, for messages that this transaction has locked. */
export async function markLocked(tx: Tx, links: readonly LinkOf[], state: MadeState): Promise<void> {
  await sql(tx).prepared.$executeRaw`
    WITH made AS (
      SELECT * FROM jsonb_to_recordset(${asRows(links)}::jsonb)
        AS x("chatId" bigint, "messageId" bigint, kind text, id bigint, copied boolean)),
    marked AS (
      UPDATE message_media m SET link = ${state}, rule = NULL, link_copied = coalesce(copied, false), link_reason = NULL,
        link_retry_at = NULL, link_tries = 0
      FROM made WHERE chat_id = "chatId" AND message_id = "messageId" AND m.kind = made.kind AND media_id = made.id)
    UPDATE message SET linked = true FROM (SELECT DISTINCT "chatId", "messageId" FROM made) held
    WHERE chat_id = "chatId" AND message.id = "messageId" AND NOT linked AND NOT EXISTS (
      SELECT FROM message_media m WHERE m.chat_id = "chatId" AND m.message_id = "messageId" AND link = 'pending' AND NOT EXISTS (
        SELECT FROM made WHERE made."chatId" = m.chat_id AND made."messageId" = m.message_id
          AND made.kind = m.kind AND made.id = m.media_id))`;
}
