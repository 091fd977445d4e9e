/**
 * recheck-rounds.ts: when the latest messages of a chat are read again, by its rules. When a rule's rounds began is recorded with the chat; the
 * first one begins a period after the rule was first seen, as what a chat has was read then.
 */
import type { RecheckRule } from '../config/index.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';
import { ownerOf } from './messages.js';
import { askRecheck } from './rechecks.js';

/** By a rule's `last`: when its latest round began. */
type Rounds = Readonly<Record<string, string>>;

interface RoundPlan {
  /** How many of the latest seconds are read again now (null: everything); undefined: none. */
  last: number | null | undefined;
  rounds: Rounds;
}

const keyOf = ({ last }: RecheckRule) => `${last ?? 'all'}`;
const reachOf = ({ last }: RecheckRule) => last ?? Infinity;

/** What is due now. The round of a rule is also one of every rule that reaches less far. Pure. */
export function planRound(rules: readonly RecheckRule[], rounds: Rounds, now: Date): RoundPlan {
  const isDue = (it: RecheckRule) => {
    const began = rounds[keyOf(it)];
    return began !== undefined && Date.parse(began) + it.every * 1000 <= now.getTime();
  };
  const reach = Math.max(-1, ...rules.filter(isDue).map(reachOf));
  const begins = (it: RecheckRule) => reachOf(it) <= reach || rounds[keyOf(it)] === undefined;
  const at = now.toISOString();
  return {
    last: reach < 0 ? undefined : reach === Infinity ? null : reach,
    rounds: Object.fromEntries(rules.map((it) => [keyOf(it), begins(it) ? at : rounds[keyOf(it)]!])),
  };
}

interface DueDialog {
  chatId: bigint;
  accountId: bigint;
  recheck: RecheckRule[];
  rounds: Rounds;
  now: Date;
}

/** Chats in one call. */
const most = 200;

/** Begins the rounds that are due. Returns of how many chats. */
export async function beginRounds(db: Db): Promise<number> {
  const due = await sql(db).$queryRaw<DueDialog[]>`
    SELECT chat_id AS "chatId", account_id AS "accountId", recheck, recheck_rounds AS rounds, now()::timestamptz(3) AS now FROM dialog
    WHERE wanted AND state = 'ok' AND EXISTS (SELECT FROM jsonb_to_recordset(recheck) AS rule(last bigint, every float8)
      WHERE coalesce((recheck_rounds ->> coalesce(last::text, 'all'))::timestamptz + make_interval(secs => every) <= now(), true))
    ORDER BY chat_id LIMIT ${most}`;
  let begun = 0;
  for (const it of due) if (await beginRound(db, it)) begun++;
  return begun;
}

async function beginRound(db: Db, { chatId, accountId, recheck, rounds, now }: DueDialog): Promise<boolean> {
  const plan = planRound(recheck, rounds, now);
  return await inTransaction(db, async (tx) => {
    const isOurs = await sql(tx).$executeRaw`
      UPDATE dialog SET recheck_rounds = ${JSON.stringify(plan.rounds)}::jsonb
      WHERE chat_id = ${chatId} AND account_id = ${accountId} AND recheck_rounds = ${JSON.stringify(rounds)}::jsonb`;
    if (isOurs === 0 || plan.last === undefined) return false;
    const whose = { chatId, ownerId: ownerOf({ chatId, accountId }) };
    const range = await rangeSince(tx, whose, plan.last);
    if (range) await askRecheck(tx, whose, range, 'recent');
    return range !== undefined;
  });
}

/** The ids of stored messages of the last so many seconds (null: all); undefined: there are none. Ids rise with dates. */
async function rangeSince(tx: Tx, { chatId, ownerId }: { chatId: bigint; ownerId: bigint }, last: number | null) {
  const [row] = await sql(tx).$queryRaw<{ top: bigint | null; older: bigint | null }[]>`
    SELECT (SELECT max(id) FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId}) AS top,
      (SELECT id FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND ${last}::float8 IS NOT NULL
        AND date < now() - make_interval(secs => ${last}::float8) ORDER BY id DESC LIMIT 1) AS older`;
  const { top, older } = row!;
  const from = (older ?? 0n) + 1n;
  return top === null || from > top ? undefined : { from, to: top };
}
