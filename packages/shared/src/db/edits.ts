/**
 * edits.ts: what happens when an answer or an update holds a message that is stored already. What is newer replaces what is older, by the
 * moment that each shows; what an edit replaced is kept as a version; a message that was only missing is there again.
 */
import { isEdited, isExpired, type Raw, renewed, saysLess } from '../content/index.js';
import { isOlder } from './clock.js';
import { columnsOf, type Decided, type MessageRow, ownerOf, type Page } from './messages.js';
import { asRows } from './rows.js';
import { Prisma } from './sql-text.js';
import { sql, type Tx } from './handle.js';

interface Known {
  id: bigint;
  raw: Raw;
  /** Its reactions came by themselves, after the page was asked for. */
  keepsReactions: boolean;
  /** Updates up to this one say nothing newer. */
  ahead: number | null;
}

/** A message as it is known from now on. */
interface Renewed {
  row: MessageRow;
  /** Its media are those that were known before: they have expired, or this version cannot read what they are now. */
  keepsMedia: boolean;
  isExpired: boolean;
}

/** Everything that an answer tells anew. */
const columns = Prisma.raw(
  [
    'sender_id = x."senderId"',
    'date = x.date',
    // A change that readers are not shown as an edit.
    `edit_date = CASE WHEN x.raw @> '{"editHide": true}' THEN m.edit_date ELSE x."editDate" END`,
    'message = x.message',
    'entities = x.entities',
    'photo_id = CASE WHEN x."keepsMedia" THEN m.photo_id ELSE x."photoId" END',
    'document_id = CASE WHEN x."keepsMedia" THEN m.document_id ELSE x."documentId" END',
    'topic_id = x."topicId"',
    'views = greatest(m.views, x.views)',
    'forwards = greatest(m.forwards, x.forwards)',
    'action = x.action',
    'media_type = CASE WHEN x."keepsMedia" THEN m.media_type ELSE x."mediaType" END',
    'raw = x.raw',
    'raw_layer = x."rawLayer"',
    'mapped = x.mapped',
    'unread_constructor = x."unreadConstructor"',
  ].join(', '),
);

/**
 * Replaces messages that were stored before, those in `fresh` excepted, by newer ones of the page. Media that an edit removed keep their
 * links. The rows are locked until the transaction ends.
 */
export async function replaceKnown(tx: Tx, page: Page, fresh: ReadonlySet<bigint>, decided: Decided): Promise<void> {
  const { chatId, asOf, messages, ahead } = page;
  const given = new Map(messages.filter((it) => it.mapped && !fresh.has(it.id)).map((it) => [it.id, it]));
  if (asOf === undefined || given.size === 0) return;
  const owner = ownerOf(page);
  const stored = await sql(tx).$queryRaw<Known[]>`
    SELECT id, raw, ahead_pts AS ahead, coalesce(reactions_as_of > ${asOf}, false) AS "keepsReactions" FROM message
    WHERE chat_id = ${chatId} AND owner_id = ${owner} AND id = ANY(${[...given.keys()]}) AND ${isOlder(asOf)}
    ORDER BY id FOR UPDATE`;
  const known = stored.filter((it) => !isOvertaken(it, given.get(it.id)!));
  const edited = known.filter((it) => isEdited(it.raw, given.get(it.id)!.raw as Raw)).map((it) => it.id);
  await keepVersions(tx, { chatId, owner, ids: edited });
  await renew(
    tx,
    { chatId, owner, asOf, ahead },
    known.map((it) => after(it, given.get(it.id)!)),
    decided,
  );
  await markReplacedMedia(tx, { chatId, owner }, edited, given, decided);
}

function after({ raw, keepsReactions }: Known, row: MessageRow): Renewed {
  const told = row.raw as Raw;
  const keepsMedia = saysLess(raw, told);
  return {
    row: { ...row, raw: renewed(raw, told, { keepsReactions }) },
    keepsMedia,
    isExpired: keepsMedia && isExpired(told),
  };
}

/** A page may have told of later updates before these were applied. Edits have the last word, as other boxes do not tell how far a page is. */
function isOvertaken({ raw, ahead }: Known, { pts, raw: now }: MessageRow): boolean {
  if (pts !== undefined && ahead !== null && pts < ahead) return true;
  return editedAt(raw) > editedAt(now as Raw);
}

/** In seconds; 0: never; NaN, which nothing compares with: of an edit that nobody was to see. */
function editedAt(raw: Raw): number {
  return raw['editHide'] === true ? Number.NaN : Number(raw['editDate'] ?? 0);
}

interface Place {
  chatId: bigint;
  owner: bigint;
}

async function keepVersions(tx: Tx, { chatId, owner, ids }: Place & { ids: readonly bigint[] }): Promise<void> {
  if (ids.length === 0) return;
  await sql(tx).$executeRaw`
    INSERT INTO message_version (chat_id, id, owner_id, version, message, entities, edit_date, media_type, raw, raw_layer, as_of)
    SELECT chat_id, id, owner_id, 1 + coalesce((SELECT max(version) FROM message_version v
        WHERE v.chat_id = m.chat_id AND v.id = m.id AND v.owner_id = m.owner_id), 0),
      message, entities, edit_date, media_type, raw, raw_layer, as_of
    FROM message m WHERE chat_id = ${chatId} AND owner_id = ${owner} AND id = ANY(${[...ids]})`;
}

async function renew(
  tx: Tx,
  { chatId, owner, asOf, ahead }: Place & { asOf: Date; ahead: number | undefined },
  rows: readonly Renewed[],
  decided: Decided,
): Promise<void> {
  if (rows.length === 0) return;
  const given = JSON.stringify(rows.map(({ row, ...it }) => ({ ...columnsOf(row, decided), ...it })));
  await sql(tx).$executeRaw`
    UPDATE message m SET ${columns}, as_of = ${asOf}, ahead_pts = ${ahead ?? null}::int,
      expired_at = CASE WHEN "isExpired" THEN coalesce(expired_at, ${asOf}) ELSE expired_at END,
      deleted_at = CASE WHEN deleted_reason = 'missing' THEN NULL ELSE deleted_at END,
      deleted_reason = CASE WHEN deleted_reason = 'missing' THEN NULL ELSE deleted_reason END
    FROM jsonb_to_recordset(${given}::jsonb) AS x(id bigint, "senderId" bigint, date timestamptz, "editDate" timestamptz,
      message text, entities jsonb, "photoId" bigint, "documentId" bigint, "topicId" bigint, views int, forwards int, action text,
      "mediaType" text, raw jsonb, "rawLayer" int, mapped boolean, "unreadConstructor" text,
      "keepsMedia" boolean, "isExpired" boolean)
    WHERE m.chat_id = ${chatId} AND m.owner_id = ${owner} AND m.id = x.id`;
}

/** The message no longer holds them, so it cannot renew their file references; their links and files stay. */
async function markReplacedMedia(
  tx: Tx,
  { chatId, owner }: Place,
  edited: readonly bigint[],
  given: ReadonlyMap<bigint, MessageRow>,
  decided: Decided,
): Promise<void> {
  if (edited.length === 0) return;
  const holds = edited.flatMap((id) => given.get(id)!.media.map((it) => `${id} ${it.kind} ${it.id}`));
  await sql(tx).$executeRaw`
    UPDATE message_media SET stale = true
    WHERE chat_id = ${chatId} AND owner_id = ${owner} AND message_id = ANY(${[...edited]}) AND NOT stale
      AND message_id || ' ' || kind || ' ' || media_id <> ALL(${holds}::text[])`;
  const added = edited.flatMap((id) =>
    given
      .get(id)!
      .media.filter((it) => decided.get(it) === null)
      .map((it) => ({ id, kind: it.kind, mediaId: it.id })),
  );
  await sql(tx).$executeRaw`
    UPDATE message m SET linked = false FROM jsonb_to_recordset(${asRows(added)}::jsonb) AS x(id bigint, kind text, "mediaId" bigint)
    WHERE m.chat_id = ${chatId} AND m.owner_id = ${owner} AND m.id = x.id AND NOT EXISTS (SELECT FROM message_media known
      WHERE known.chat_id = m.chat_id AND known.owner_id = m.owner_id AND known.message_id = m.id AND known.kind = x.kind
        AND known.media_id = x."mediaId")`;
}
