/** chosen-chats.ts: the chats that the recorded selectors mean together, with what is wanted of each. */
import { theAccount } from './archive.js';
import { type Choice, chooseChats } from './choose-chats.js';
import { sql, type Tx } from './handle.js';

export async function chosenChats(tx: Tx): Promise<{ id: bigint }[]> {
  const choices = await sql(tx).$queryRaw<(Choice & { wanted: object })[]>`
    SELECT kind, position, wanted, chat_ids AS "chatIds" FROM selector WHERE position IS NOT NULL AND account_id = ${theAccount}`;
  return [...chooseChats(choices)].map(([id, { wanted }]) => ({ id, ...wanted }));
}
