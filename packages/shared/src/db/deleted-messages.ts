/**
 * deleted-messages.ts: messages that were deleted in Telegram. Their rows, versions and files stay; what was never seen is remembered, so that
 * a page that was asked for before does not bring it back.
 */
import { isOlder } from './clock.js';
import type { Whose } from './coverage.js';
import { sql, type Tx } from './handle.js';
import { lockDeletions } from './messages.js';
import { Prisma } from './sql-text.js';

/** `deleted`: an update said so. `auto-delete`: its time was over. `missing`: a later look did not find it, and no update told of it. */
export type DeletedReason = 'deleted' | 'auto-delete' | 'missing';

export interface Deletion {
  ids: readonly bigint[];
  /** By the database's clock. */
  at: Date;
}

/** The sender had set a time after which the message disappears, and it was over. */
const isOver = (at: Date) =>
  Prisma.sql`coalesce(date + make_interval(secs => (raw ->> 'ttlPeriod')::float8) <= ${at}, false)`;

/** Of a channel or supergroup. Returns how many messages were marked. */
export async function markDeleted(tx: Tx, { chatId, ownerId }: Whose, { ids, at }: Deletion): Promise<number> {
  const marked = await sql(tx).$executeRaw`
    UPDATE message SET deleted_at = ${at}, deleted_reason = CASE WHEN ${isOver(at)} THEN 'auto-delete' ELSE 'deleted' END
    WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${[...ids]}) AND (deleted_at IS NULL OR deleted_reason = 'missing')`;
  await remember(tx, { chatId, ownerId }, { ids, at });
  return marked;
}

/** Messages that were not found are looked for again after so many hours: only then are they believed to be gone. */
export const secondLookHours = 24;

/**
 * Telegram said that it has no such messages, in an answer that was asked for at `at`: they are missing, unless something newer is known of them.
 * A second look a day later moves their `as_of` beyond that day. Returns how many are newly missing.
 */
export async function markMissing(tx: Tx, { chatId, ownerId }: Whose, { ids, at }: Deletion): Promise<number> {
  const marked = await sql(tx).$queryRaw<{ isNew: boolean }[]>`
    UPDATE message SET deleted_at = coalesce(deleted_at, ${at}), deleted_reason = 'missing', as_of = ${at}
    WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${[...ids]}) AND ${isOlder(at)}
      AND (deleted_at IS NULL OR deleted_reason = 'missing' AND as_of < deleted_at + make_interval(hours => ${secondLookHours})
        AND deleted_at + make_interval(hours => ${secondLookHours}) <= ${at})
    RETURNING deleted_at = ${at}::timestamptz(3) AS "isNew"`;
  return marked.filter((it) => it.isNew).length;
}

/** In some private chat or basic group of an account: Telegram names no chat, as their ids are one sequence. */
export async function markDeletedOfAccount(tx: Tx, accountId: bigint, { ids, at }: Deletion): Promise<number> {
  await lockDeletions(tx, accountId); // a page that is being stored knows nothing of it otherwise
  const marked = await sql(tx).$executeRaw`
    UPDATE message SET deleted_at = ${at}, deleted_reason = CASE WHEN ${isOver(at)} THEN 'auto-delete' ELSE 'deleted' END
    WHERE owner_id = ${accountId} AND owner_id <> 0 AND id = ANY(${[...ids]}) AND (deleted_at IS NULL OR deleted_reason = 'missing')`;
  await remember(tx, { chatId: 0n, ownerId: accountId }, { ids, at });
  return marked;
}

/** Of messages that are stored nothing needs to be remembered. */
async function remember(tx: Tx, { chatId, ownerId }: Whose, { ids, at }: Deletion): Promise<void> {
  await sql(tx).$executeRaw`
    INSERT INTO tombstone (chat_id, owner_id, id, deleted_at) SELECT ${chatId}, ${ownerId}, id, ${at}
    FROM unnest(${[...ids]}::bigint[]) AS x(id)
    WHERE NOT EXISTS (SELECT FROM message m WHERE m.owner_id = ${ownerId} AND m.id = x.id
      AND (m.chat_id = ${chatId}::bigint OR (${chatId}::bigint = 0 AND m.owner_id <> 0)))
    ON CONFLICT DO NOTHING`;
}
