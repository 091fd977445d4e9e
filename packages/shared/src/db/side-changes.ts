/** side-changes.ts: what changes of stored messages without an edit, and of what an account sees of a chat. */
import type { Whose } from './coverage.js';
import { sql, type Tx } from './handle.js';
import { type ReactionsOf, storeReactions } from './reactions.js';
import { changeTopics, type TopicChange } from './topics.js';

export interface SideChanges {
  pinned: { ids: bigint[]; isPinned: boolean }[];
  counters: { id: bigint; views?: number; forwards?: number }[];
  /** Told by themselves. */
  reactions?: ReactionsOf[];
  topics?: TopicChange[];
  /** Messages that can be read better by now. */
  askAgain?: bigint[];
  /** Messages up to this one are hidden from the account. */
  availableMinId?: bigint;
}

const none: SideChanges = { pinned: [], counters: [] };

/** The changes of each message (or topic) by itself. `id` 0: of the chat. */
export function eachChange(of: SideChanges): (SideChanges & { id: bigint })[] {
  const { pinned, counters, reactions = [], topics = [], askAgain = [], availableMinId } = of;
  return [
    ...pinned.flatMap(({ ids, isPinned }) => ids.map((id) => ({ ...none, id, pinned: [{ ids: [id], isPinned }] }))),
    ...counters.map((it) => ({ ...none, id: it.id, counters: [it] })),
    ...reactions.map((it) => ({ ...none, id: it.id, reactions: [it] })),
    ...topics.map((it) => ({ ...none, id: it.id, topics: [it] })),
    ...askAgain.map((id) => ({ ...none, id, askAgain: [id] })),
    ...(availableMinId === undefined ? [] : [{ ...none, id: 0n, availableMinId }]),
  ];
}

/** `at`: by the database's clock. */
export async function storeSideChanges(
  tx: Tx,
  whose: Whose & { accountId: bigint },
  { pinned, counters, reactions = [], topics = [], askAgain = [], availableMinId }: SideChanges,
  at: Date,
): Promise<void> {
  const { chatId, ownerId, accountId } = whose;
  for (const { ids, isPinned } of pinned)
    await sql(tx).$executeRaw`
      UPDATE message SET raw = CASE WHEN ${isPinned}::boolean THEN raw || '{"pinned": true}' ELSE raw - 'pinned' END, told_as_of = ${at}
      WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${ids})`;
  for (const { id, views = 0, forwards = 0 } of counters)
    await sql(tx).$executeRaw`
      UPDATE message SET views = greatest(views, nullif(${views}::int, 0)), forwards = greatest(forwards, nullif(${forwards}::int, 0))
      WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ${id}`;
  await storeReactions(tx, whose, reactions, at);
  await changeTopics(tx, whose, topics, at);
  if (askAgain.length > 0)
    await sql(tx).$executeRaw`
      UPDATE message SET ask_again_at = ${at} WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${askAgain})`;
  if (availableMinId !== undefined)
    await sql(tx).$executeRaw`
      UPDATE dialog SET available_min_id = ${availableMinId} WHERE chat_id = ${chatId} AND account_id = ${accountId}`;
}
