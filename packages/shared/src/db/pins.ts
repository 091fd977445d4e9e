/**
 * pins.ts: chats in which messages may have been pinned or unpinned without an update, as too much has happened for a difference. A recheck would
 * find them, too, but late.
 */
import type { Whose } from './coverage.js';
import { type Db, sql, type Tx } from './handle.js';

export interface DuePins {
  chatId: bigint;
  /** Since when. */
  due: Date;
}

/** Asks for what is pinned in some chats of an account. */
export async function askPins(tx: Tx, accountId: bigint, chatIds: readonly bigint[]): Promise<void> {
  await sql(tx).$executeRaw`
    UPDATE dialog SET pins_due = now() WHERE account_id = ${accountId} AND chat_id = ANY(${[...chatIds]}) AND wanted`;
}

/** The readable chat of an account that waits longest. */
export async function nextPins(db: Db, accountId: bigint): Promise<DuePins | undefined> {
  const [row] = await sql(db).$queryRaw<DuePins[]>`
    SELECT chat_id AS "chatId", pins_due AS due FROM dialog
    WHERE account_id = ${accountId} AND pins_due IS NOT NULL AND wanted AND state = 'ok' ORDER BY pins_due, chat_id LIMIT 1`;
  return row;
}

/** Ids of the stored messages of a chat that were pinned when they were seen last. Looks at all of them. */
export async function storedPins(db: Db, { chatId, ownerId }: Whose): Promise<bigint[]> {
  const rows = await sql(db).$queryRaw<{ id: bigint }[]>`
    SELECT id FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND raw @> '{"pinned": true}' AND deleted_at IS NULL`;
  return rows.map((it) => it.id);
}

/** It was done, or cannot be; not if it was asked for anew meanwhile. */
export async function settlePins(db: Db, accountId: bigint, { chatId, due }: DuePins): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE dialog SET pins_due = NULL WHERE account_id = ${accountId} AND chat_id = ${chatId} AND pins_due = ${due}`;
}
