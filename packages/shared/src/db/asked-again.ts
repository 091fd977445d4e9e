/**
 * asked-again.ts: messages worth fetching again: an older layer could not read some completely, and the preview of others was not ready.
 * What is stored of a message stays; missing parts are added.
 */
import { lockChat, rulesOf } from './coverage.js';
import { replaceKnown } from './edits.js';
import {
  aheadOf,
  decidedBy,
  type MediaRef,
  type MessageRow,
  type Page,
  storeMedia,
  storeMessageMedia,
  storeMessages,
} from './messages.js';
import { storePeers } from './peers.js';
import { asRows } from './rows.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';
import { inParts, named, type OnUnstorable, type Parts, retryHours } from './unstorable.js';

export interface AskedAgain {
  id: bigint;
  /** The bytes of a message that could not be read, base64. */
  unread: string | null;
}

/**
 * Records the layer by which the archive is read. With a newer layer, messages become due that an older one could not read completely,
 * did not support, or whose further files it did not look for.
 */
export async function recordLayer(db: Db, layer: number): Promise<void> {
  await inTransaction(db, async (tx) => {
    const raised = await sql(tx)
      .$executeRaw`UPDATE archive SET layer = ${layer} WHERE layer IS NULL OR layer < ${layer}`;
    if (raised === 0) return;
    await sql(tx).$executeRaw`
      UPDATE message SET ask_again_at = now() WHERE raw_layer < ${layer} AND ask_again_at IS NULL
        AND (NOT mapped OR media_type = 'MessageMediaUnsupported' OR (media_type = 'MessageMediaDocument' AND raw #> '{media,videoCover}' IS NOT NULL))`;
  });
}

/** Wanted, readable chats with messages that are due now. */
export async function chatsToAskAgain(db: Db): Promise<bigint[]> {
  const rows = await sql(db).$queryRaw<{ id: bigint }[]>`
    SELECT DISTINCT chat_id AS id FROM dialog WHERE wanted AND state = 'ok' AND EXISTS (
      SELECT FROM message WHERE message.chat_id = dialog.chat_id AND ask_again_at <= now()) ORDER BY id`;
  return rows.map((it) => it.id);
}

/** Whether there are such messages now, or within a minute. */
export async function isAskedAgainSoon(db: Db): Promise<boolean> {
  const rows = await sql(db).$queryRaw<{ any: boolean }[]>`
    SELECT EXISTS (SELECT FROM message JOIN dialog USING (chat_id)
      WHERE wanted AND state = 'ok' AND ask_again_at <= now() + interval '1 minute') AS any`;
  return rows[0]!.any;
}

/** Messages of a chat that are due now, newest first. */
export async function messagesToAskAgain(db: Db, chatId: bigint, limit: number): Promise<AskedAgain[]> {
  return await sql(db).$queryRaw`
    SELECT id, raw ->> '$unread' AS unread FROM message
    WHERE chat_id = ${chatId} AND ask_again_at <= now() ORDER BY id DESC LIMIT ${limit}`;
}

type Answer = Omit<Page, 'proven' | 'ahead'> & { asked: readonly bigint[]; pts?: number | undefined };

/**
 * Stores the answer for messages that were due: incomplete ones are replaced; others are what the answer says, if it has the time at which it
 * was asked for, as after an edit. Those of `asked` that are missing from the answer stay as they are, and are not requested again; those that
 * cannot be stored are, in a day. Returns media that now wait for a download.
 */
export async function storeAskedAgain(
  db: Db,
  answer: Answer,
  onUnstorable: OnUnstorable = () => {},
): Promise<MediaRef[]> {
  const { accountId, chatId, asked, messages, peers, pts } = answer;
  const store = async (tx: Tx, parts: Parts) => {
    const applied = await lockChat(tx, chatId);
    const page = { ...answer, proven: null, ahead: aheadOf(pts, applied) };
    await parts.each(peers, named('peer'), (some) => storePeers(tx, { accountId, peers: some }));
    const waiting = await parts.each(messages, named('message', chatId), (some) =>
      storeAnswered(tx, { ...page, messages: some }),
    );
    const refused = parts.messagesOf(chatId);
    await sql(tx).$executeRaw`
      UPDATE message SET ask_again_at = CASE WHEN id = ANY(${refused}) THEN now() + make_interval(hours => ${retryHours}) END
      WHERE chat_id = ${chatId} AND id = ANY(${asked}) AND ask_again_at <= now()`;
    return waiting;
  };
  return await inParts(db, store, onUnstorable);
}

async function storeAnswered(tx: Tx, page: Page): Promise<MediaRef[]> {
  const { chatId, messages } = page;
  await storeMedia(tx, page);
  const ids = asRows(messages.map(({ id }) => ({ id })));
  const decided = decidedBy(await rulesOf(tx, chatId), messages);
  const replaced = await storeMessages(tx, page, decided, 'replaceDue');
  await replaceKnown(tx, page, replaced, decided);
  const more = messages.filter((it) => it.mapped).map(complete);
  await sql(tx).$executeRaw`
    UPDATE message SET ask_again_at = x."askAgainAt",
      photo_id = coalesce(message.photo_id, x."photoId"), document_id = coalesce(message.document_id, x."documentId")
    FROM jsonb_to_recordset(${asRows(more)}::jsonb) AS x(id bigint, "askAgainAt" timestamptz, "photoId" bigint, "documentId" bigint)
    WHERE chat_id = ${chatId} AND message.id = x.id AND message.ask_again_at <= now()`;
  // Only of messages that came: those are locked already, and whoever makes links locks the message before its links.
  // A media whose row was lost has one again: what is owed of it is told anew.
  await sql(tx).$executeRaw`
    UPDATE message_media SET stale = stale FROM jsonb_to_recordset(${ids}::jsonb) AS x(id bigint)
    WHERE chat_id = ${chatId} AND message_id = x.id`;
  const waiting = await storeMessageMedia(tx, page, decided);
  await sql(tx).$executeRaw`
    UPDATE message SET linked = false FROM jsonb_to_recordset(${ids}::jsonb) AS x(id bigint)
    WHERE message.chat_id = ${chatId} AND message.id = x.id AND linked AND EXISTS (
      SELECT FROM message_media m WHERE m.chat_id = ${chatId} AND m.message_id = x.id AND m.link = 'pending')`;
  return waiting;
}

function complete({ id, askAgainAt, media }: MessageRow) {
  return {
    id,
    askAgainAt,
    photoId: media.find((it) => it.kind === 'photo')?.id ?? null,
    documentId: media.find((it) => it.kind === 'document')?.id ?? null,
  };
}
