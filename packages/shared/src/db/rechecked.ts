/** rechecked.ts: stores what a recheck read, and which ids it has read again since when. Messages that have not changed are not written. */
import { isExpired, isSame, type Raw, renewed } from '../content/index.js';
import { addRechecked, type IdRange, type RecheckedRange } from '../coverage/index.js';
import { lockChat, rulesOf, type Whose } from './coverage.js';
import { isOlder } from './clock.js';
import { markMissing } from './deleted-messages.js';
import { replaceKnown } from './edits.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';
import {
  aheadOf,
  decidedBy,
  type MediaRef,
  type MessageRow,
  type Page,
  storeMedia,
  storeMessageMedia,
} from './messages.js';
import { knownPeers, storePeers } from './peers.js';
import type { Recheck } from './rechecks.js';
import { asRows } from './rows.js';
import { askLater, inParts, named, type OnUnstorable, type Parts } from './unstorable.js';

/** What Telegram answered to a piece of a recheck. */
export interface RecheckAnswer extends Omit<Page, 'proven' | 'chatId'> {
  asOf: Date;
  /** Of a channel: up to where it tells. */
  pts?: number | undefined;
  /** The part of the recheck's range, at its upper end, that this was. */
  part: IdRange;
  /** Asked for, and explicitly not there. */
  missing: readonly bigint[];
  /** Whether the answer says something about each message of the part. */
  isProven: boolean;
}

export interface Rechecked {
  changed: number;
  missing: number;
  /** Media that now wait for a download or a link. */
  waiting: MediaRef[];
}

/** Messages that were read again by id. */
type Reread = Pick<RecheckAnswer, 'accountId' | 'asOf' | 'pts' | 'messages' | 'peers'>;

/** Stores an answer, and how far the recheck is. Safe to repeat. */
export async function storeRechecked(
  db: Db,
  recheck: Recheck,
  answer: RecheckAnswer,
  onUnstorable: OnUnstorable = () => {},
): Promise<Rechecked> {
  const { missing: ids, asOf: at, isProven } = answer;
  return await reread(db, recheck, answer, onUnstorable, async (tx, refused) => {
    const missing = ids.length > 0 ? await markMissing(tx, recheck, { ids, at }) : 0;
    await moveOn(tx, recheck, { ...answer, isProven: isProven && refused.length === 0 });
    return missing;
  });
}

/** Stores messages that were read again for another reason; those that are not stored are left out. Safe to repeat. */
export async function storeReread(
  db: Db,
  whose: Whose,
  answer: Reread,
  onUnstorable: OnUnstorable = () => {},
): Promise<Rechecked> {
  return await reread(db, whose, answer, onUnstorable, () => Promise.resolve(0));
}

/** `finish` says how many are missing. */
async function reread(
  db: Db,
  { chatId, ownerId }: Whose,
  answer: Reread,
  onUnstorable: OnUnstorable,
  finish: (tx: Tx, refused: readonly bigint[]) => Promise<number>,
): Promise<Rechecked> {
  const { accountId, asOf, pts } = answer;
  const known = knownPeers(db);
  const peers = known.withoutKnown(accountId, answer.peers);
  const store = async (tx: Tx, parts: Parts) => {
    const applied = await lockChat(tx, chatId);
    const page = { chatId, accountId, peers, proven: null, asOf, ahead: aheadOf(pts, applied) };
    const messages = await changedOf(tx, { chatId, ownerId }, answer);
    if (messages.length > 0)
      await parts.each(peers, named('peer'), (some) => storePeers(tx, { accountId, peers: some }));
    const waiting = await parts.each(messages, named('message', chatId), (some) =>
      storeChanged(tx, { ...page, messages: some }),
    );
    const refused = parts.messagesOf(chatId);
    const missing = await finish(tx, refused);
    await askLater(tx, { chatId, ownerId }, refused);
    return { changed: messages.length - refused.length, missing, waiting };
  };
  const result = await inParts(db, store, onUnstorable);
  if (result.changed > 0) known.note(accountId, peers);
  return result;
}

/** Those that are stored and differ from it, or were missing. */
async function changedOf(
  tx: Tx,
  { chatId, ownerId }: Whose,
  { messages, asOf }: Pick<RecheckAnswer, 'messages' | 'asOf'>,
): Promise<readonly MessageRow[]> {
  const told = new Map(messages.map((it) => [it.id, it]));
  const stored = await sql(tx).$queryRaw<Stored[]>`
    SELECT id, raw, deleted_at IS NOT NULL AS "isDeleted", expired_at IS NOT NULL AS "hasExpired",
      coalesce(reactions_as_of > ${asOf}, false) AS "keepsReactions" FROM message
    WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${[...told.keys()]}::bigint[]) AND ${isOlder(asOf)}`;
  return stored.flatMap((it) => (hasChanged(it, told.get(it.id)!.raw as Raw) ? [told.get(it.id)!] : []));
}

interface Stored {
  id: bigint;
  raw: Raw;
  isDeleted: boolean;
  /** That its media have is known. */
  hasExpired: boolean;
  keepsReactions: boolean;
}

/** Compared with what would be stored: media that have expired, for instance, stay. */
function hasChanged({ raw, isDeleted, hasExpired, keepsReactions }: Stored, now: Raw): boolean {
  return isDeleted || (isExpired(now) && !hasExpired) || !isSame(raw, renewed(raw, now, { keepsReactions }));
}

async function storeChanged(tx: Tx, page: Page): Promise<MediaRef[]> {
  if (page.messages.length === 0) return [];
  await storeMedia(tx, page);
  const decided = decidedBy(await rulesOf(tx, page.chatId), page.messages);
  await replaceKnown(tx, page, new Set(), decided);
  return await storeMessageMedia(tx, page, decided);
}

async function moveOn(tx: Tx, { id, chatId, ownerId, askedAt, reason }: Recheck, answer: RecheckAnswer): Promise<void> {
  const { part, isProven } = answer;
  // Asked for anew meanwhile, the same messages have to be read once more.
  await sql(tx).$executeRaw`
    UPDATE recheck SET to_id = least(to_id, ${part.from - 1n}) WHERE id = ${id} AND asked_at = ${askedAt}`;
  await sql(tx).$executeRaw`DELETE FROM recheck WHERE id = ${id} AND to_id < from_id`;
  if (isProven && reason !== 'missing') await addRange(tx, { chatId, ownerId }, { ...part, since: askedAt });
}

/** Nothing is left of it: its rest has no messages that need to be read. */
export async function finishRecheck(db: Db, recheck: Recheck): Promise<void> {
  const { id, chatId, ownerId, range, askedAt, reason } = recheck;
  await inTransaction(db, async (tx) => {
    await lockChat(tx, chatId);
    const ended = await sql(tx).$executeRaw`DELETE FROM recheck WHERE id = ${id} AND asked_at = ${askedAt}`;
    if (ended > 0 && reason !== 'missing') await addRange(tx, { chatId, ownerId }, { ...range, since: askedAt });
  });
}

/** The caller holds the chat's lock. */
async function addRange(tx: Tx, whose: Whose, added: RecheckedRange): Promise<void> {
  const { chatId, ownerId } = whose;
  const before = await rangesOf(tx, whose);
  const now = addRechecked(before, added, new Date());
  const keyOf = ({ from, to, since }: RecheckedRange) => `${from} ${to} ${since.getTime()}`;
  const [old, kept] = [before, now].map((of) => new Set(of.map(keyOf)));
  const gone = before.filter((it) => !kept!.has(keyOf(it))).map((it) => it.from);
  const fresh = now.filter((it) => !old!.has(keyOf(it)));
  await sql(tx).$executeRaw`
    DELETE FROM rechecked WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND from_id = ANY(${gone}::bigint[])`;
  await sql(tx).$executeRaw`
    INSERT INTO rechecked (chat_id, owner_id, from_id, to_id, since) SELECT ${chatId}, ${ownerId}, "from", "to", since
    FROM jsonb_to_recordset(${asRows(fresh)}::jsonb) AS x("from" bigint, "to" bigint, since timestamptz)`;
}

async function rangesOf(tx: Tx, { chatId, ownerId }: Whose): Promise<RecheckedRange[]> {
  return await sql(tx).$queryRaw<RecheckedRange[]>`
    SELECT from_id AS from, to_id AS to, since FROM rechecked WHERE chat_id = ${chatId} AND owner_id = ${ownerId} ORDER BY from_id`;
}
