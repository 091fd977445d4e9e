/** topics.ts: what the topics of forums are called, as answers with their messages say. */
import { asRows } from './rows.js';
import { sql, type Tx } from './handle.js';

export interface TopicRow {
  /** The id of the message that began it. */
  id: bigint;
  title: string;
}

/** Records the topics of a chat; writes only what differs. `ownerId`: the owner of its messages. */
export async function storeTopics(tx: Tx, chatId: bigint, ownerId: bigint, topics: readonly TopicRow[]): Promise<void> {
  if (topics.length === 0) return;
  const each = new Map(topics.map((it) => [it.id, it]));
  await sql(tx).$executeRaw`
    INSERT INTO topic (chat_id, owner_id, id, title)
    SELECT ${chatId}::bigint, ${ownerId}::bigint, id, title FROM jsonb_to_recordset(${asRows([...each.values()])}::jsonb) AS x(id bigint, title text)
    ON CONFLICT (chat_id, owner_id, id) DO UPDATE SET title = excluded.title WHERE topic.title <> excluded.title`;
}
