/** lock-dialogs.ts: before many dialogs are changed, they are locked in one order, so that two who change the same ones wait and never deadlock. */
import { sql, type Tx } from './handle.js';

/** Locks these dialogs, of every account, until the transaction ends; `andWanted`: and all that are wanted. */
export async function lockDialogs(tx: Tx, ids: readonly bigint[], { andWanted = false } = {}): Promise<void> {
  await sql(tx).$queryRaw`
    SELECT FROM dialog WHERE chat_id = ANY(${[...ids]}::bigint[]) OR (${andWanted}::boolean AND wanted)
    ORDER BY chat_id, account_id FOR UPDATE`;
}
