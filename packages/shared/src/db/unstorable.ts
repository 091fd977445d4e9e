/**
 * unstorable.ts: what Postgres refuses for its own sake, such as a number out of range. It is found by storing less at once, and stepped over,
 * so that it never decides over what came with it.
 */
import type { Whose } from './coverage.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';

/** Something that could not be stored, and what Postgres said. */
export interface Unstorable {
  what: 'message' | 'change' | 'deletion' | 'peer' | 'topic' | 'poll' | 'preview';
  /** Absent: it is in no chat, or nobody knows in which. */
  chatId?: bigint;
  id: bigint;
  reason: string;
}

type Named = Omit<Unstorable, 'reason'>;

/** What things are that have an id. */
export const named =
  (what: Unstorable['what'], chatId?: bigint) =>
  ({ id }: { id: bigint }): Named => ({ what, id, ...(chatId !== undefined && { chatId }) });

/** Called once for each, after the rest was committed. */
export type OnUnstorable = (it: Unstorable) => void;

/** After so long it is tried again. */
export const retryHours = 24;

/** Whether data were refused: they have an impossible value, break a constraint or a limit. Not: the connection, a deadlock, a full disk. */
function isOfData(error: unknown): boolean {
  return /^(22|23|54)[0-9A-Z]{3}$/.test((error as { code?: string } | undefined)?.code ?? '');
}

export class Parts {
  readonly refused: Unstorable[] = [];

  constructor(
    private readonly tx: Tx,
    /** Something of the transaction was refused before. */
    readonly isCareful: boolean,
  ) {}

  /** Stores things whose order does not matter, or that are stored one by one: all that can be. Returns what `store` did of those. */
  async each<T, R>(
    items: readonly T[],
    nameOf: (item: T) => Named,
    store: (items: readonly T[]) => Promise<readonly R[] | void>,
  ): Promise<R[]> {
    if (items.length === 0) return [];
    if (!this.isCareful) return [...((await store(items)) ?? [])];
    const stored = await this.attempt(() => store(items));
    if (!('error' in stored)) return [...(stored.result ?? [])];
    if (items.length === 1) {
      this.refused.push({ ...nameOf(items[0]!), reason: (stored.error as Error).message });
      return [];
    }
    const half = Math.ceil(items.length / 2);
    const first = await this.each(items.slice(0, half), nameOf, store);
    return [...first, ...(await this.each(items.slice(half), nameOf, store))];
  }

  /** Messages of a chat of which something was refused. */
  messagesOf(chat: bigint): bigint[] {
    return [...new Set(this.refused.flatMap((it) => (it.chatId === chat && it.what !== 'topic' ? [it.id] : [])))];
  }

  private async attempt<T>(work: () => Promise<T>): Promise<{ result: T } | { error: unknown }> {
    await sql(this.tx).$executeRaw`SAVEPOINT part`;
    try {
      const result = await work();
      await sql(this.tx).$executeRaw`RELEASE SAVEPOINT part`;
      return { result };
    } catch (error) {
      if (!isOfData(error)) throw error;
      await sql(this.tx).$executeRaw`ROLLBACK TO SAVEPOINT part`;
      await sql(this.tx).$executeRaw`RELEASE SAVEPOINT part`;
      return { error };
    }
  }
}

/** Like `inTransaction`; if data are refused, it is done again without those. */
export async function inParts<T>(
  db: Db,
  work: (tx: Tx, parts: Parts) => Promise<T>,
  onUnstorable: OnUnstorable,
): Promise<T> {
  const attempt = (isCareful: boolean) =>
    inTransaction(db, async (tx) => {
      const parts = new Parts(tx, isCareful);
      return { result: await work(tx, parts), refused: parts.refused };
    });
  const { result, refused } = await attempt(false).catch((error: unknown) => {
    if (!isOfData(error)) throw error;
    return attempt(true);
  });
  for (const it of refused) onUnstorable(it);
  return result;
}

/**
 * Some messages are read again in a day, as something of them could not be stored. Returns those of which nothing is stored: they do not count
 * as read. The caller holds the chat's lock.
 */
export async function askLater(tx: Tx, { chatId, ownerId }: Whose, ids: readonly bigint[]): Promise<bigint[]> {
  if (ids.length === 0) return [];
  const stored = await sql(tx).$queryRaw<{ id: bigint }[]>`
    SELECT id FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${[...ids]})`;
  await sql(tx).$executeRaw`
    INSERT INTO recheck (chat_id, owner_id, from_id, to_id, top_id, reason, retry_at)
    SELECT ${chatId}, ${ownerId}, id, id, id, 'hole', now() + make_interval(hours => ${retryHours})
    FROM unnest(${stored.map((it) => it.id)}::bigint[]) AS x(id) WHERE NOT EXISTS (SELECT FROM recheck r
      WHERE r.chat_id = ${chatId} AND r.owner_id = ${ownerId} AND reason <> 'missing' AND x.id BETWEEN from_id AND to_id)`;
  const known = new Set(stored.map((it) => it.id));
  return ids.filter((it) => !known.has(it));
}
