/** status.ts: the archive's progress per chat, and what failed for good and why. */
import { lacksBounds, sizeOf, subtract, union, wantedRange } from '../coverage/index.js';
import { type ChatCounts, countChats, countsOf, noCounts } from './chat-counts.js';
import { type ChatRow, wantedChatRows } from './chats.js';
import { coverageOf, notVisibleOf } from './coverage.js';
import { type Db, sql } from './handle.js';
import { type RecheckStatus, recheckStatuses } from './recheck-status.js';

export interface ChatStatus extends ChatCounts, RecheckStatus {
  id: bigint;
  title: string;
  kind: string;
  state: string;
  reason: string | null;
  /** Lowest and highest id that was read; null: none. */
  covered: { from: bigint; to: bigint } | null;
  /** As config.json asks for it; 0: no limit on that side. */
  range: { from: bigint; to: bigint };
  /** Message ids that are wanted and not read yet. */
  owedIds: bigint;
  /** When a survey last found that nothing else is wanted than what was read; null: something is owed, or was then. */
  completeAt: Date | null;
  /** Message ids that the history does not show and in which samples found nothing: most likely deleted. */
  notVisibleIds: bigint;
  /** Messages that this version cannot read completely, by the unknown constructor. */
  unread: UnreadCount[];
}

export interface UnreadCount {
  /** Eight hexadecimal digits; null: the bytes are inconsistent. */
  constructor: string | null;
  messages: number;
}

export async function chatStatuses(db: Db): Promise<ChatStatus[]> {
  const chats = await wantedChatRows(db);
  const covered = await coverageOf(
    db,
    chats.map((it) => it.id),
  );
  const ids = chats.map((it) => it.id);
  const notVisible = await notVisibleOf(db, ids);
  await countChats(db);
  const counts = await countsOf(db);
  const unread = await unreadOf(db);
  const rechecks = await recheckStatuses(db);
  return chats.map((chat) => {
    const ranges = covered.get(chat.id) ?? [];
    const hidden = notVisible.get(chat.id) ?? [];
    const wanted = wantedRange(chat);
    const owedIds = wanted ? sizeOf(subtract(wanted, union([...ranges, ...hidden]))) : 0n;
    return {
      ...identity(chat),
      range: { from: chat.rangeFrom, to: chat.rangeTo },
      covered: ranges.length ? { from: ranges[0]!.from, to: ranges.at(-1)!.to } : null,
      owedIds,
      completeAt: stateOf(chat) === 'ok' && owedIds === 0n ? chat.surveyedAt : null,
      notVisibleIds: wanted ? sizeOf(subtract(wanted, ranges)) - owedIds : 0n,
      ...(counts.get(chat.id) ?? noCounts),
      unread: unread.get(chat.id) ?? [],
      ...(rechecks.get(chat.id) ?? { rechecks: [], rechecked: [] }),
    };
  });
}

/** While it is not known which ids the wanted period has, a survey is still to come. */
function stateOf(chat: ChatRow): string {
  return chat.state === 'ok' && lacksBounds(chat) ? 'unknown' : chat.state;
}

function identity(chat: ChatRow) {
  return { id: chat.id, title: chat.title, kind: chat.kind, state: stateOf(chat), reason: chat.stateReason };
}

async function unreadOf(db: Db): Promise<Map<bigint, UnreadCount[]>> {
  const rows = await sql(db).$queryRaw<{ id: bigint; constructor: string | null; messages: number }[]>`
    SELECT chat_id AS id, unread_constructor AS constructor, count(*)::int AS messages
    FROM message WHERE NOT mapped GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2`;
  const counts = new Map<bigint, UnreadCount[]>();
  for (const { id, ...it } of rows) counts.set(id, [...(counts.get(id) ?? []), it]);
  return counts;
}

export interface FailedMedia {
  kind: string;
  id: bigint;
  state: string;
  reason: string | null;
}

/** Media that failed or are gone for wanted chats, and saved ones with a link that the disk refuses. */
export async function failedMedia(db: Db, limit = 1000): Promise<FailedMedia[]> {
  return await sql(db).$queryRaw<FailedMedia[]>`
    SELECT DISTINCT m.kind, m.media_id AS id, coalesce(p.state, d.state) AS state,
      CASE WHEN coalesce(p.state, d.state) = 'saved' THEN m.link_reason ELSE coalesce(p.reason, d.reason) END AS reason
    FROM message_media m JOIN dialog ON dialog.chat_id = m.chat_id AND dialog.wanted
    LEFT JOIN photo p ON m.kind = 'photo' AND p.id = m.media_id
    LEFT JOIN document d ON m.kind = 'document' AND d.id = m.media_id
    WHERE m.link = 'pending' AND (coalesce(p.state, d.state) IN ('failed', 'gone')
      OR coalesce(p.state, d.state) = 'saved' AND m.link_reason IS NOT NULL)
    ORDER BY m.kind, m.media_id LIMIT ${limit}`;
}
