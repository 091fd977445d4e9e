/**
 * apply-rules.ts: decides again what earlier rules decided, when the rules of a chat changed: links that were skipped, and links still to
 * be made. What is linked, or was deleted by the person, stays as it is.
 */
import { categoryInRaw, decide, type MediaCategory, type MediaFacts, type MediaRules } from '../rules/index.js';
import { lockChat, rulesOf } from './coverage.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';
import { recomputeLinked } from './mending.js';
import { asRows } from './rows.js';
import { Prisma } from './sql-text.js';
import type { MediaKind } from './words.js';

/** How many messages a call looks at. */
const batch = 1000;

interface Undone {
  messageId: bigint;
  kind: MediaKind;
  mediaId: bigint;
  rule: string | null;
  category: MediaCategory | null;
  type: string | null;
  name: string | null;
  size: bigint;
  isSaved: boolean;
  date: Date | null;
  caption: string | null;
  senderId: bigint | null;
  topicId: bigint | null;
  /** The message as sent, if it is needed to find out the category. */
  raw: unknown;
}

/** A round through the links of a chat. */
export interface RulesRound {
  rules: MediaRules;
  /** The last message that was looked at. */
  after: bigint;
}

export interface Applied {
  /** To be continued; null: all links of the chat are decided by the present rules. */
  next: RulesRound | null;
  /** Links that are wanted now, and that are skipped now. */
  taken: number;
  skipped: number;
}

/** Wanted chats with links that were decided by earlier rules. */
export async function chatsToDecide(db: Db): Promise<bigint[]> {
  const rows = await sql(db).$queryRaw<{ id: bigint }[]>`
    SELECT DISTINCT chat_id AS id FROM dialog WHERE wanted AND NOT rules_applied ORDER BY id`;
  return rows.map((it) => it.id);
}

/** Applies the present rules of a chat to its next messages. Safe to repeat; a round whose rules changed meanwhile begins again. */
export async function applyRules(db: Db, chatId: bigint, round?: RulesRound): Promise<Applied> {
  return await inTransaction(db, async (tx) => {
    await lockChat(tx, chatId);
    const rules = await rulesOf(tx, chatId);
    const isSame = round && JSON.stringify(round.rules) === JSON.stringify(rules);
    const ids = await undoneMessages(tx, chatId, isSame ? round.after : lowest);
    const decided = (await undoneLinks(tx, chatId, ids)).map((it) => ({ ...it, now: decisionOf(rules, it) }));
    const changed = decided.filter((it) => it.now !== it.rule);
    await record(tx, chatId, changed);
    const isLast = ids.length < batch;
    if (isLast)
      await sql(tx).$executeRaw`
        UPDATE dialog SET rules_applied = true WHERE chat_id = ${chatId} AND rules = ${JSON.stringify(rules)}::jsonb`;
    return {
      next: isLast ? null : { rules, after: ids.at(-1)! },
      taken: changed.filter((it) => it.now === null).length,
      skipped: changed.filter((it) => it.rule === null).length,
    };
  });
}

const lowest = -(2n ** 63n);

/** A media with a link that is skipped or still to be made, and what rules ask about it. */
export interface UndecidedMedia extends MediaFacts {
  kind: MediaKind;
  id: bigint;
}

/** Those of a chat whose files are not there, message by message: the facts, and where to go on (null: nowhere). Reads only. */
export async function undecidedMedia(
  db: Db,
  chatId: bigint,
  after = lowest,
): Promise<{ media: UndecidedMedia[]; last: bigint | null }> {
  const ids = await sql(db).$queryRaw<{ id: bigint }[]>`${undoneIds(chatId, after)} ORDER BY id`;
  const links = await undoneLinks(
    db,
    chatId,
    ids.map((it) => it.id),
  );
  const media = links
    .filter((it) => !it.isSaved)
    .map((it) => ({ ...it, id: it.mediaId, category: categoryOfLink(it) }));
  return { media, last: ids.length < batch ? null : ids.at(-1)!.id };
}

/** SQL: messages of a chat with links that are skipped or still to be made, after a given one. */
const undoneIds = (chatId: bigint, after: bigint) => Prisma.sql`
  SELECT id FROM message WHERE chat_id = ${chatId} AND id IN (
    SELECT id FROM (
      (SELECT message_id AS id FROM message_media
        WHERE chat_id = ${chatId} AND link = 'skipped' AND message_id > ${after} ORDER BY message_id LIMIT ${batch})
      UNION
      (SELECT id FROM message WHERE chat_id = ${chatId} AND NOT linked AND id > ${after} ORDER BY id LIMIT ${batch})) undone
    ORDER BY id LIMIT ${batch})`;

/** Messages with links that are skipped or still to be made; locked, as whoever makes links locks them. */
async function undoneMessages(tx: Tx, chatId: bigint, after: bigint): Promise<bigint[]> {
  const rows = await sql(tx).$queryRaw<{ id: bigint }[]>`${undoneIds(chatId, after)} ORDER BY id FOR UPDATE`;
  return rows.map((it) => it.id);
}

/** A link that is to be made again was wanted once, and was there. */
async function undoneLinks(it: Db | Tx, chatId: bigint, ids: readonly bigint[]): Promise<Undone[]> {
  if (ids.length === 0) return [];
  return await sql(it).$queryRaw<Undone[]>`
    SELECT m.message_id AS "messageId", m.kind, m.media_id AS "mediaId", m.rule, d.category, d.type, d.name,
      coalesce(p.size, d.size, 0) AS size,
      coalesce(p.saved, d.saved, false) AS "isSaved", message.date, message.message AS caption, message.sender_id AS "senderId",
      message.topic_id AS "topicId", CASE WHEN m.kind = 'document' AND d.category IS NULL THEN message.raw END AS raw
    FROM message_media m
    JOIN message ON message.chat_id = m.chat_id AND message.id = m.message_id AND message.owner_id = m.owner_id
    LEFT JOIN photo p ON m.kind = 'photo' AND p.id = m.media_id
    LEFT JOIN document d ON m.kind = 'document' AND d.id = m.media_id
    WHERE m.chat_id = ${chatId} AND m.message_id = ANY(${[...ids]}::bigint[]) AND m.link IN ('pending', 'skipped') AND NOT m.was_linked`;
}

function decisionOf(rules: MediaRules, it: Undone): string | null {
  return decide(rules, { ...it, category: categoryOfLink(it) });
}

function categoryOfLink({ kind, mediaId, category, raw }: Undone): MediaCategory {
  return kind === 'photo' ? 'photo' : (category ?? categoryInRaw(raw, mediaId) ?? 'document');
}

async function record(tx: Tx, chatId: bigint, changed: readonly (Undone & { now: string | null })[]): Promise<void> {
  if (changed.length === 0) return;
  const rows = asRows(changed.map(({ messageId, kind, mediaId, now }) => ({ messageId, kind, mediaId, now })));
  await sql(tx).$executeRaw`
    UPDATE message_media m SET rule = x.now, link = CASE WHEN x.now IS NULL THEN 'pending' ELSE 'skipped' END
    FROM jsonb_to_recordset(${rows}::jsonb) AS x("messageId" bigint, kind text, "mediaId" bigint, now text)
    WHERE m.chat_id = ${chatId} AND m.message_id = x."messageId" AND m.kind = x.kind AND m.media_id = x."mediaId"`;
  await recomputeLinked(
    tx,
    [...new Set(changed.map((it) => it.messageId))].map((id) => ({ chatId, id })),
  );
}
