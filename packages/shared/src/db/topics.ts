/** topics.ts: the topics of forums: what answers with their messages say of them, and what updates tell. */
import type { Whose } from './coverage.js';
import { asRows } from './rows.js';
import { sql, type Tx } from './handle.js';

export interface TopicRow {
  /** The id of the message that began it. */
  id: bigint;
  title: string;
  closed: boolean;
  hidden: boolean;
}

/** What a service message says of a topic; what it does not say stays. */
export type TopicChange = Pick<TopicRow, 'id'> & Partial<TopicRow>;

/** Records the topics of a chat as an answer shows them; writes only what differs. `asOf`: when it was asked for; absent: nobody knows. */
export async function storeTopics(
  tx: Tx,
  { chatId, ownerId }: Whose,
  topics: readonly TopicRow[],
  asOf: Date | undefined,
): Promise<void> {
  if (topics.length === 0) return;
  const each = new Map(topics.map((it) => [it.id, it]));
  await sql(tx).$executeRaw`
    INSERT INTO topic (chat_id, owner_id, id, title, closed, hidden, as_of)
    SELECT ${chatId}::bigint, ${ownerId}::bigint, id, title, closed, hidden, ${asOf ?? null}::timestamptz
    FROM jsonb_to_recordset(${asRows([...each.values()])}::jsonb) AS x(id bigint, title text, closed boolean, hidden boolean)
    ON CONFLICT (chat_id, owner_id, id) DO UPDATE
      SET title = excluded.title, closed = excluded.closed, hidden = excluded.hidden, as_of = excluded.as_of
      WHERE (topic.title, topic.closed, topic.hidden) IS DISTINCT FROM (excluded.title, excluded.closed, excluded.hidden)
        AND (topic.as_of IS NULL OR topic.as_of <= excluded.as_of)`;
}

/** Applies what service messages said, in their order. `at`: by the database's clock. */
export async function changeTopics(
  tx: Tx,
  { chatId, ownerId }: Whose,
  changes: readonly TopicChange[],
  at: Date,
): Promise<void> {
  for (const { id, title = null, closed = null, hidden = null } of changes) {
    if (title !== null)
      await sql(tx).$executeRaw`
        INSERT INTO topic (chat_id, owner_id, id, title, as_of) VALUES (${chatId}, ${ownerId}, ${id}, ${title}, ${at})
        ON CONFLICT (chat_id, owner_id, id) DO UPDATE SET title = excluded.title`;
    await sql(tx).$executeRaw`
      UPDATE topic SET closed = coalesce(${closed}::boolean, closed), hidden = coalesce(${hidden}::boolean, hidden), as_of = ${at}
      WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ${id}`;
  }
}

/** A topic is deleted with the message that began it: nothing else tells of it. */
export async function deleteTopics(
  tx: Tx,
  { chatId, ownerId }: Whose,
  ids: readonly bigint[],
  at: Date,
): Promise<void> {
  await sql(tx).$executeRaw`
    UPDATE topic SET deleted_at = ${at}
    WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${[...ids]}) AND deleted_at IS NULL`;
}
