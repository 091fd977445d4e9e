/** record-selectors.ts: records what tg.chats names, keeping what is known of the chats that it means. */
import type { ChatSelector, WantedChat } from '../config/index.js';
import { theAccount } from './archive.js';
import { asRows } from './rows.js';
import { sql, type Tx } from './handle.js';

/** Replaces the recorded keys of tg.chats. Returns which keys that are no ids came and went. */
export async function recordSelectors(
  tx: Tx,
  chats: readonly WantedChat[],
  selectors: readonly ChatSelector[],
): Promise<{ added: string[]; dropped: string[] }> {
  const before = await selectorTexts(tx);
  const byId = chats.map(({ id, ...wanted }) => ({ text: id.toString(), kind: 'id', wanted, exclude: [], chatId: id }));
  const named = [...byId, ...selectors].map((it, position) => ({ ...it, position }));
  const excluded = selectors.flatMap((it) => it.exclude).filter((it) => it.startsWith('@'));
  const alone = [...new Set(excluded)].filter((text) => !named.some((it) => it.text === text));
  const rows = asRows([...named, ...alone.map((text) => ({ text, kind: 'name', wanted: {}, exclude: [] }))]);
  // What a name was resolved to outlives the name in tg.chats: named again, it means the same chat.
  await sql(tx).$executeRaw`
    DELETE FROM selector WHERE account_id = ${theAccount} AND (kind <> 'name' OR chat_ids = '{}')
      AND text NOT IN (SELECT text FROM jsonb_to_recordset(${rows}::jsonb) AS x(text text))`;
  await sql(tx).$executeRaw`UPDATE selector SET position = NULL WHERE account_id = ${theAccount}`;
  await sql(tx).$executeRaw`
    INSERT INTO selector (account_id, text, kind, position, wanted, exclude, chat_ids)
    SELECT ${theAccount}, text, kind, position, wanted, exclude, array_remove(ARRAY["chatId"], NULL)
    FROM jsonb_to_recordset(${rows}::jsonb)
      AS x(text text, kind text, position int, wanted jsonb, exclude jsonb, "chatId" bigint)
    ON CONFLICT (account_id, text) DO UPDATE
    SET position = excluded.position, wanted = excluded.wanted, exclude = excluded.exclude, retry_at = NULL`;
  const now = await selectorTexts(tx);
  return { added: now.filter((it) => !before.includes(it)), dropped: before.filter((it) => !now.includes(it)) };
}

async function selectorTexts(tx: Tx): Promise<string[]> {
  const rows = await sql(tx).$queryRaw<{ text: string }[]>`
    SELECT text FROM selector WHERE position IS NOT NULL AND kind <> 'id' AND account_id = ${theAccount} ORDER BY position`;
  return rows.map((it) => it.text);
}
