/** web-pages.ts: previews of links, which come later than their messages and change by themselves: no edit, but their media are owed. */
import type { Raw } from '../content/index.js';
import { rulesOf } from './coverage.js';
import { sql, type Tx } from './handle.js';
import { decidedBy, type MediaRow, type MessageRow, storeMedia, storeMessageMedia, type Waiting } from './messages.js';

export interface ToldOfWebPage {
  id: bigint;
  /** `WebPage`. */
  page: Raw;
  media: readonly MediaRow[];
  /** When it is worth asking again, as it was not ready; null: it is. */
  askAgainAt: Date | null;
}

interface Holder extends Pick<MessageRow, 'id' | 'date' | 'message' | 'senderId' | 'topicId'> {
  chatId: bigint;
  ownerId: bigint;
  title: string;
}

/**
 * Gives the page to each message that holds it; returns media that now wait for a download. `at`: by the database's clock. Chats are locked
 * already.
 */
export async function storeWebPage(tx: Tx, accountId: bigint, told: ToldOfWebPage, at: Date): Promise<Waiting[]> {
  const { id, page, media, askAgainAt } = told;
  const holders = await sql(tx).$queryRaw<Holder[]>`
    SELECT chat_id AS "chatId", owner_id AS "ownerId", m.id, date, message, sender_id AS "senderId", topic_id AS "topicId", title
    FROM message m JOIN chat ON chat.id = chat_id
    WHERE media_type = 'MessageMediaWebPage' AND raw #>> '{media,webpage,id}' = ${String(id)} ORDER BY chat_id, m.id, owner_id FOR UPDATE OF m`;
  if (holders.length === 0) return [];
  const of = (kind: MediaRow['kind']) => media.find((it) => it.kind === kind)?.id ?? null;
  await sql(tx).$executeRaw`
    UPDATE message SET raw = jsonb_set(raw, '{media,webpage}', ${JSON.stringify(page)}::jsonb), told_as_of = ${at},
      ask_again_at = ${askAgainAt}, photo_id = coalesce(photo_id, ${of('photo')}), document_id = coalesce(document_id, ${of('document')})
    WHERE media_type = 'MessageMediaWebPage' AND raw #>> '{media,webpage,id}' = ${String(id)}`;
  if (media.length === 0) return [];
  await storeMedia(tx, { accountId, messages: [{ media }] });
  const waiting: Waiting[] = [];
  for (const all of byChat(holders)) waiting.push(await owe(tx, accountId, all, media));
  return waiting.filter((it) => it.media.length > 0);
}

/** The media of a page, for all messages of one chat and owner that hold it. */
async function owe(
  tx: Tx,
  accountId: bigint,
  holders: readonly Holder[],
  media: readonly MediaRow[],
): Promise<Waiting> {
  const { chatId, ownerId, title } = holders[0]!;
  const messages = holders.map((it) => ({ ...it, media: media.map((one) => ({ ...one })) }));
  const decided = decidedBy(await rulesOf(tx, chatId), messages);
  const owed = await storeMessageMedia(tx, { chatId, accountId: ownerId || accountId, messages }, decided);
  await sql(tx).$executeRaw`
    UPDATE message SET linked = false
    WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${holders.map((it) => it.id)}) AND linked AND EXISTS (
      SELECT FROM message_media m WHERE m.chat_id = ${chatId} AND m.owner_id = ${ownerId} AND m.message_id = message.id AND m.link = 'pending')`;
  return { chatTitle: title, media: owed, messages };
}

function byChat(holders: readonly Holder[]): Holder[][] {
  const groups = new Map<string, Holder[]>();
  for (const it of holders) {
    const key = `${it.chatId} ${it.ownerId}`;
    groups.set(key, [...(groups.get(key) ?? []), it]);
  }
  return [...groups.values()];
}
