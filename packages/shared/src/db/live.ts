/**
 * live.ts: applies what Telegram tells of an account's chats, together with the numbers up to which it was told, in one transaction: an update
 * is applied once, or not at all.
 */
import type { IdRange } from '../coverage/index.js';
import { type ChatFacts, noteChanged, rememberChatsIn } from './chats.js';
import { addCoverageWithout, type Whose } from './coverage.js';
import { type Deletion, markDeleted, markDeletedOfAccount } from './deleted-messages.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';
import { type MediaRef, type MessageRow, ownerOf, type Page, type Waiting } from './messages.js';
import { type PeerRow, type Renamed, renamePeers, storePeers } from './peers.js';
import { storePoll, type ToldOfPoll } from './reactions.js';
import type { CommonState } from './live-state.js';
import { lockDialogs } from './lock-dialogs.js';
import { askRecheckOfAll } from './rechecks.js';
import { requireRole } from './role-lease.js';
import { storeMessagesOf } from './store-page.js';
import { deleteTopics } from './topics.js';
import { eachChange, type SideChanges, storeSideChanges } from './side-changes.js';
import { askLater, inParts, named, type OnUnstorable, type Parts } from './unstorable.js';
import { storeWebPage, type ToldOfWebPage } from './web-pages.js';

/** What was told of one chat, in the order in which it is applied. */
export interface ToldOfChat extends SideChanges {
  chatId: bigint;
  /** New or edited ones, as they are now. */
  messages: MessageRow[];
  /** Which of them are new: nothing is missing between them. */
  newIds: bigint[];
  /** Of a channel or supergroup. */
  deleted: bigint[];
  /** The newest messages came, and none of this range is missing: new ones continue it. */
  newest?: IdRange;
}

export interface Told {
  accountId: bigint;
  /** Of the role `updates`. */
  fence: bigint;
  /** The account's box moves. */
  common?: { from: number; to: CommonState };
  /** Channels' boxes move. `from` null: it had no state. */
  channels: { chatId: bigint; from: number | null; to: number }[];
  /** Channels that have more than was told, and those that no longer have. */
  named?: readonly bigint[];
  caughtUp?: readonly bigint[];
  chats: ToldOfChat[];
  /** In whichever of the account's private chats and basic groups. */
  deletedOfAccount: bigint[];
  peers: PeerRow[];
  /** Each poll once. */
  polls?: readonly ToldOfPoll[];
  /** Each page once. */
  webPages?: ToldOfWebPage[];
  /** Chats about which something has changed, nobody knows what. */
  changed?: bigint[];
  renamed?: Renamed[];
  /** Wanted chats that the account could not reach before. */
  met?: ChatFacts[];
}

/** The numbers in the database are not those that the changes continue: somebody else has applied them, or others. */
export class StaleStateError extends Error {
  override name = 'StaleStateError';
}

interface WantedDialog {
  chatId: bigint;
  title: string;
  rangeFrom: bigint;
  rangeTo: bigint;
  since: Date | null;
  until: Date | null;
  liveTop: bigint | null;
}

/**
 * Applies it all; returns media that now wait for a download. What cannot be stored is left out, and told. Throws a RoleLostError or a
 * {@link StaleStateError}; then nothing happened.
 */
export async function applyTold(db: Db, told: Told, onUnstorable: OnUnstorable = () => {}): Promise<Waiting[]> {
  return await inParts(db, (tx, parts) => apply(tx, parts, told), onUnstorable);
}

async function apply(tx: Tx, parts: Parts, told: Told): Promise<Waiting[]> {
  const { accountId, chats, polls = [], webPages = [], changed = [], renamed = [], met = [] } = told;
  await requireRole(tx, { accountId, role: 'updates' }, told.fence);
  await lockChats(tx, told);
  await move(tx, told);
  const at = await now(tx);
  await rememberChatsIn(tx, accountId, met);
  if (changed.length > 0) await lockDialogs(tx, [...chats.map((it) => it.chatId), ...changed]);
  const wanted = await wantedDialogs(tx, accountId, chats);
  await parts.each(told.peers, named('peer'), (peers) => storePeers(tx, { accountId, peers }));
  await parts.each(renamed, named('peer'), (some) => renamePeers(tx, some));
  await noteChanged(tx, accountId, changed);
  const waiting: Waiting[] = [];
  for (const chat of chats) {
    const dialog = wanted.get(chat.chatId);
    if (!dialog) continue;
    const media = await applyToChat(tx, parts, accountId, dialog, chat, at);
    if (media.length > 0) waiting.push({ chatTitle: dialog.title, media, messages: chat.messages });
  }
  const pollOf = ({ pollId: id }: ToldOfPoll) => ({ what: 'poll' as const, id });
  for (const it of polls) await parts.each([it], pollOf, () => storePoll(tx, it, at));
  for (const it of webPages)
    waiting.push(...(await parts.each([it], named('preview'), () => storeWebPage(tx, accountId, it, at))));
  await parts.each(told.deletedOfAccount, deletion(), async (ids) => {
    await markDeletedOfAccount(tx, accountId, { ids, at });
  });
  return waiting;
}

/** Applies what was told of polls as the answer to a question, whoever applies the account's updates: they are in no order with these. */
export async function applyPolls(db: Db, polls: readonly ToldOfPoll[]): Promise<void> {
  if (polls.length === 0) return;
  await inTransaction(db, async (tx) => {
    await lockChats(tx, { chats: [], channels: [], polls });
    const at = await now(tx);
    for (const it of polls) await storePoll(tx, it, at);
  });
}

type Locked = Pick<Told, 'chats' | 'channels' | 'met' | 'named' | 'caughtUp' | 'polls' | 'webPages'>;

/** In one order, as everybody does. */
async function lockChats(tx: Tx, told: Locked): Promise<void> {
  const { chats, channels, met = [], named = [], caughtUp = [] } = told;
  const its = [...[...chats, ...channels].map((it) => it.chatId), ...met.map((it) => it.id), ...named, ...caughtUp];
  const ids = [...new Set([...its, ...(await holdersOf(tx, told))])];
  if (ids.length > 0) await sql(tx).$queryRaw`SELECT FROM chat WHERE id = ANY(${ids}) ORDER BY id FOR UPDATE`;
}

/** The chats with messages that hold one of these polls or previews. Each half is written as the index that it needs. */
async function holdersOf(tx: Tx, { polls = [], webPages = [] }: Locked): Promise<bigint[]> {
  if (polls.length + webPages.length === 0) return [];
  const rows = await sql(tx).$queryRaw<{ chatId: bigint }[]>`
    SELECT chat_id AS "chatId" FROM message
    WHERE media_type = 'MessageMediaPoll' AND raw #>> '{media,poll,id}' = ANY(${polls.map((it) => String(it.pollId))})
    UNION SELECT chat_id FROM message
    WHERE media_type = 'MessageMediaWebPage' AND raw #>> '{media,webpage,id}' = ANY(${webPages.map((it) => String(it.id))})`;
  return rows.map((it) => it.chatId);
}

async function move(tx: Tx, { accountId, common, channels, named = [], caughtUp = [] }: Told): Promise<void> {
  if (common) {
    const { pts, qts, date, seq } = common.to;
    const moved = await sql(tx).$executeRaw`
      UPDATE account SET pts = ${pts}, qts = ${qts}, date = greatest(date, to_timestamp(${date})), seq = ${seq}, updated_at = now()
      WHERE id = ${accountId} AND pts = ${common.from}`;
    if (moved === 0) throw new StaleStateError(`the updates of account ${accountId} no longer continue ${common.from}`);
  }
  for (const { chatId, from, to } of channels) {
    const moved = await sql(tx)
      .$executeRaw`UPDATE chat SET pts = ${to} WHERE id = ${chatId} AND pts IS NOT DISTINCT FROM ${from}::int`;
    if (moved === 0) throw new StaleStateError(`the updates of chat ${chatId} no longer continue ${from}`);
  }
  if (named.length > 0)
    await sql(tx)
      .$executeRaw`UPDATE chat SET seen_pts = greatest(seen_pts, pts + 1) WHERE id = ANY(${[...named]}) AND pts IS NOT NULL`;
  if (caughtUp.length > 0)
    await sql(tx).$executeRaw`UPDATE chat SET seen_pts = pts WHERE id = ANY(${[...caughtUp]}) AND seen_pts > pts`;
}

async function now(tx: Tx): Promise<Date> {
  const rows = await sql(tx).$queryRaw<{ now: Date }[]>`SELECT clock_timestamp()::timestamptz(3) AS now`;
  return rows[0]!.now;
}

async function wantedDialogs(
  tx: Tx,
  accountId: bigint,
  chats: readonly ToldOfChat[],
): Promise<Map<bigint, WantedDialog>> {
  if (chats.length === 0) return new Map();
  const rows = await sql(tx).$queryRaw<WantedDialog[]>`
    SELECT chat_id AS "chatId", title, range_from AS "rangeFrom", range_to AS "rangeTo", since, until, live_top AS "liveTop" FROM dialog JOIN chat ON chat.id = chat_id
    WHERE account_id = ${accountId} AND chat_id = ANY(${chats.map((it) => it.chatId)}) AND wanted
    ORDER BY chat_id FOR UPDATE OF dialog`;
  return new Map(rows.map((it) => [it.chatId, it]));
}

/** Whether a message lies in what config.json wants of the chat. */
function isWanted({ rangeFrom, rangeTo, since, until }: WantedDialog, { id, date }: MessageRow): boolean {
  if (id < rangeFrom || (rangeTo !== 0n && id > rangeTo)) return false;
  return date === null || ((since === null || date >= since) && (until === null || date < until));
}

async function applyToChat(
  tx: Tx,
  parts: Parts,
  accountId: bigint,
  dialog: WantedDialog,
  told: ToldOfChat,
  at: Date,
): Promise<MediaRef[]> {
  const { chatId, deleted } = told;
  const whose = { chatId, ownerId: ownerOf({ chatId, accountId }), accountId };
  const messages = told.messages.filter((it) => isWanted(dialog, it));
  const waiting = await storeTold(tx, parts, { chatId, accountId, peers: [], messages, proven: null, asOf: at });
  for (const it of parts.isCareful ? eachChange(told) : [{ ...told, id: 0n }])
    await parts.each([it], named('change', chatId), () => storeSideChanges(tx, whose, it, at));
  await parts.each(deleted, deletion(chatId), async (ids) => {
    await markDeleted(tx, whose, { ids, at } satisfies Deletion);
    await deleteTopics(tx, whose, ids, at);
  });
  const unstored = await askLater(tx, whose, parts.messagesOf(chatId));
  if (told.newest) await startAgain(tx, whose, told.newest, unstored);
  else await grow(tx, whose, dialog, told.newIds, unstored);
  return waiting;
}

const deletion = (chatId?: bigint) => (id: bigint) => named('deletion', chatId)({ id });

/** One after the other if a message comes twice: each state of it counts. */
async function storeTold(tx: Tx, parts: Parts, page: Page): Promise<MediaRef[]> {
  const waiting: MediaRef[] = [];
  for (const messages of roundsOf(page.messages))
    waiting.push(
      ...(await parts.each(messages, named('message', page.chatId), (some) =>
        storeMessagesOf(tx, { ...page, messages: some }),
      )),
    );
  return waiting;
}

/** The messages in their order, no round with the same message twice. */
export function roundsOf(messages: readonly MessageRow[]): MessageRow[][] {
  const rounds: MessageRow[][] = [];
  const seen = new Map<bigint, number>();
  for (const it of messages) {
    const round = seen.get(it.id) ?? 0;
    seen.set(it.id, round + 1);
    (rounds[round] ??= []).push(it);
  }
  return rounds;
}

/** Everything before these is unknown, as too much has happened: it is owed unless it was read before, and then it is read again. */
async function startAgain(
  tx: Tx,
  { chatId, ownerId, accountId }: Whose & { accountId: bigint },
  newest: IdRange,
  unstored: readonly bigint[],
): Promise<void> {
  if (newest.from <= newest.to) await addCoverageWithout(tx, { chatId, ownerId }, newest, unstored);
  await askRecheckOfAll(tx, accountId, [chatId], 'hole');
  await sql(tx).$executeRaw`
    UPDATE dialog SET top_message = greatest(top_message, ${newest.to}), live_top = ${newest.to}
    WHERE chat_id = ${chatId} AND account_id = ${accountId}`;
}

/** New messages continue what is covered, if nothing is missing before them. */
async function grow(
  tx: Tx,
  { chatId, ownerId, accountId }: Whose & { accountId: bigint },
  { liveTop }: WantedDialog,
  newIds: readonly bigint[],
  unstored: readonly bigint[],
): Promise<void> {
  const top = newIds.reduce((most, it) => (it > most ? it : most), 0n);
  if (top === 0n) return;
  const added = { from: (liveTop ?? top) + 1n, to: top };
  if (added.from <= top) await addCoverageWithout(tx, { chatId, ownerId }, added, unstored);
  await sql(tx).$executeRaw`
    UPDATE dialog SET top_message = greatest(top_message, ${top}), live_top = CASE WHEN live_top < ${top} THEN ${top} ELSE live_top END
    WHERE chat_id = ${chatId} AND account_id = ${accountId}`;
}
