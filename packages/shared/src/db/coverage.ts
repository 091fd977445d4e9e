/** coverage.ts: which message ids of a chat have been read. Only what was proven is added. */
import type { IdRange } from '../coverage/index.js';
import type { Db, Tx } from './open.js';

/** Adds a proven range, merged with those that it touches. The caller holds the chat's lock (see lockChat). */
export async function addCoverage(tx: Tx, chatId: bigint, { from, to }: IdRange): Promise<void> {
  const touched = await tx.$queryRaw<{ from_id: bigint; to_id: bigint }[]>`
    DELETE FROM coverage WHERE chat_id = ${chatId} AND from_id <= ${to + 1n} AND to_id >= ${from - 1n}
    RETURNING from_id, to_id`;
  const low = touched.reduce((least, it) => (it.from_id < least ? it.from_id : least), from);
  const high = touched.reduce((most, it) => (it.to_id > most ? it.to_id : most), to);
  await tx.$executeRaw`INSERT INTO coverage (chat_id, from_id, to_id) VALUES (${chatId}, ${low}, ${high})`;
}

/** Makes the writers of one chat's coverage follow each other until their transactions end. */
export async function lockChat(tx: Tx, chatId: bigint): Promise<void> {
  await tx.$queryRaw`SELECT id FROM chat WHERE id = ${chatId} FOR UPDATE`;
}

/** The covered ranges of some chats, ascending, by chat id. */
export async function coverageOf(db: Db, chatIds: readonly bigint[]): Promise<Map<bigint, IdRange[]>> {
  const rows = await db.coverage.findMany({
    where: { chatId: { in: [...chatIds] } },
    orderBy: [{ chatId: 'asc' }, { fromId: 'asc' }],
  });
  const byChat = new Map<bigint, IdRange[]>(chatIds.map((it) => [it, []]));
  for (const row of rows) byChat.get(row.chatId)?.push({ from: row.fromId, to: row.toId });
  return byChat;
}
