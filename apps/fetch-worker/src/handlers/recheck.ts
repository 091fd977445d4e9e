/**
 * recheck.ts: reads stored messages again by id, a hundred per run, and finds edits and deletions that no update told of. Answers are paired by
 * id. Only what Telegram explicitly reports as empty is missing, and only if the same answer shows that the chat can be read.
 */
import {
  findChat,
  finishRecheck,
  knownHidden,
  messagesToRecheck,
  mostWitnesses,
  nextPins,
  nextRecheck,
  postponeRecheck,
  type ChatRow,
  type Recheck,
  type RecheckAnswer,
  type RecheckReason,
  recheckWaitMs,
  recordHidden,
  recordUnreadable,
  settlePins,
  storeRechecked,
  takeRecheckTurn,
  witnessesOf,
} from '@tgsync/shared/db';
import { RetryAfterError } from '@tgsync/shared/errors';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import {
  ChatUnreadableError,
  getMessages,
  getPollResults,
  hiddenUpTo,
  isOfItem,
  openPolls,
  pageLimit,
} from '@tgsync/shared/telegram';
import { logUnstorable } from '../log-unstorable.js';
import { type PinsOf, recheckPins } from '../recheck-pins.js';
import type { Deps } from './deps.js';

interface RecheckDeps extends Deps {
  /** Takes updates that came as the answer to a call. */
  onAnswer: (updates: unknown) => void;
}

/** Of one run, as each takes a call. */
const mostPolls = 5;
/** Of one call, beside its witnesses. */
const mostIds = pageLimit - mostWitnesses;

export const recheck = (deps: RecheckDeps) => {
  const { account, db } = deps;
  let last: RecheckReason | undefined;
  let isTurnOfPins = false;
  return async (_: Payload<'recheck'>, context: JobContext): Promise<void> => {
    if ((await recheckWaitMs(db, account.selfId)) > 0) return; // another job has this turn; the scheduler plans the next one
    isTurnOfPins = !isTurnOfPins;
    const pins = isTurnOfPins ? await duePins(deps) : undefined;
    const next = pins ? undefined : await nextPiece(deps, last, context.signal);
    if (next) last = next.recheck.reason;
    const isMore = pins ? await searchPins(deps, pins, context) : next && (await readPiece(deps, next, context));
    if (isMore) throw new RetryAfterError(await recheckWaitMs(db, account.selfId), 'more messages to recheck');
  };
};

async function duePins({ db, account }: Deps): Promise<PinsOf | undefined> {
  const due = await nextPins(db, account.selfId);
  const chat = due && (await findChat(db, due.chatId));
  return chat ? { chat, due } : undefined;
}

/** Returns whether there may be more to do. What fails is left to the recheck. */
async function searchPins(deps: Deps, pins: PinsOf, context: JobContext): Promise<boolean> {
  const { db, account } = deps;
  if ((await takeRecheckTurn(db, account.selfId, 1)) > 0) return false;
  const giveUp = () => settlePins(db, account.selfId, pins.due);
  await guarded(deps, pins.chat, context, () => recheckPins(deps, pins, context), giveUp);
  return true;
}

interface Piece {
  recheck: Recheck;
  chat: ChatRow;
  ids: bigint[];
}

/** Messages to ask for; rechecks of which nothing is left end on the way. */
async function nextPiece(
  { db, account }: Deps,
  last: RecheckReason | undefined,
  signal: AbortSignal,
): Promise<Piece | undefined> {
  for (;;) {
    signal.throwIfAborted();
    const recheck = await nextRecheck(db, account.selfId, last);
    const chat = recheck && (await findChat(db, recheck.chatId));
    if (!chat) return undefined;
    const ids = await messagesToRecheck(db, recheck, mostIds);
    if (ids.length > 0) return { recheck, chat, ids };
    await finishRecheck(db, recheck);
  }
}

/** Returns whether there may be more to do. */
async function readPiece(deps: RecheckDeps, piece: Piece, context: JobContext): Promise<boolean> {
  const { db, emitter } = deps;
  const { recheck, chat, ids } = piece;
  const { log, signal } = context;
  let isAsked = true;
  const read = async () => {
    const answer = await ask(deps, piece, signal);
    if (!answer) return void (isAsked = false);
    const { changed, missing, waiting } = await storeRechecked(db, recheck, answer, logUnstorable(log));
    await emitter.emit(waiting, chat.title, answer.messages);
    const { reason } = recheck;
    const level = changed + missing > 0 ? 'info' : 'debug'; // a large chat takes thousands of runs
    log[level]({ chat: chat.id, reason, asked: ids.length, changed, missing }, 'messages rechecked');
    await askForPolls(deps, chat, answer.messages, signal);
  };
  await guarded(deps, chat, context, read, () => postponeRecheck(db, recheck));
  return isAsked;
}

/** What is wrong with one chat holds up no other. */
async function guarded(
  { db }: Deps,
  chat: ChatRow,
  { log, signal, lastAttempt }: JobContext,
  work: () => Promise<void>,
  postpone: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ChatUnreadableError) {
      // The next survey finds out whether that is true, or only the access hash has changed.
      await recordUnreadable(db, chat, error.message, 0);
      return;
    }
    // What is not this chat's fault is tried again by the job; otherwise others go on meanwhile.
    const isPassing = error instanceof RetryAfterError || signal.aborted || !lastAttempt;
    if (isPassing && !isOfItem(error)) throw error;
    const reason = (error as Error).message;
    log.warn({ chat: chat.id, reason }, 'messages cannot be rechecked; retrying later');
    await postpone();
  }
}

/** undefined: somebody else has just asked; it is not our turn yet. */
async function ask(
  { db, account, clock }: Deps,
  { recheck, chat, ids }: Piece,
  signal: AbortSignal,
): Promise<RecheckAnswer | undefined> {
  const witnesses = await witnessesOf(db, recheck, ids);
  const all = [...ids, ...witnesses];
  if ((await takeRecheckTurn(db, account.selfId, all.length)) > 0) return undefined;
  const asOf = await clock.now();
  const { messages, peers, ids: told, pts } = await getMessages(account, chat, all.map(Number), signal);
  const found = new Set(messages.map((it) => it.id));
  const empty = new Set(told.filter((it) => !found.has(it)));
  const isReadable = messages.length > 0;
  const hidden = empty.size > 0 && isReadable ? await hiddenBefore(db, account, { chat, ids: [...empty] }, signal) : 0n;
  const missing = isReadable ? [...empty].filter((id) => id > hidden) : [];
  return {
    accountId: account.selfId,
    asOf,
    pts,
    messages,
    peers,
    missing,
    isProven: isReadable && ids.every((id) => found.has(id) || missing.includes(id)),
    // When there were no more, nothing is left below them either.
    part: { from: ids.length < mostIds ? recheck.range.from : ids.at(-1)!, to: recheck.range.to },
  };
}

/** Up to which id messages are hidden from the account. Telegram is asked only about ids that are not known to be. */
async function hiddenBefore(
  db: Deps['db'],
  account: Deps['account'],
  { chat, ids }: Pick<Piece, 'chat' | 'ids'>,
  signal: AbortSignal,
): Promise<bigint> {
  const known = await knownHidden(db, chat);
  if (ids.every((id) => id <= known)) return known;
  const hidden = await hiddenUpTo(account, chat, signal);
  if (hidden !== known) await recordHidden(db, chat, hidden);
  return hidden;
}

/** Votes are in no sequence of updates, so they are asked for as long as a poll is open. */
async function askForPolls(
  { account, onAnswer }: RecheckDeps,
  chat: ChatRow,
  messages: RecheckAnswer['messages'],
  signal: AbortSignal,
): Promise<void> {
  for (const poll of openPolls(messages).slice(0, mostPolls)) {
    try {
      onAnswer((await getPollResults(account, chat, poll, signal)).updates);
    } catch (error) {
      if (!isOfItem(error)) throw error; // this poll cannot be asked for
    }
  }
}
