/**
 * survey.ts: finds the newest message of chats, and whether they can be read. Records the update counters before any history is read. A
 * chat that cannot be read is a state of that chat; the others continue.
 */
import {
  beginLive,
  chatTitles,
  type ChatRow,
  databaseTime,
  recordAccountState,
  recordMigration,
  recordSurvey,
  recordUnreadable,
  rememberChats,
  settleChanged,
  type SurveyFinding,
  wantedOf,
} from '../db/index.js';
import { needsBounds } from '../coverage/index.js';
import { ChatUnreadableError, getUpdatesState } from '../telegram/index.js';
import { boundsOf } from './bounds.js';
import { type AskedDialogs, askDialogs } from './ask-dialogs.js';
import type { Context, Deps } from './deps.js';
import { DialogsWalker } from './dialogs-walker.js';
import { isReachable } from './reachable.js';
import { nearestChats } from './nearest-chats.js';

/** For a chat whose newest message cannot be read: the next message replaces it. */
const retrySoonMs = 600_000;

/**
 * Surveys up to a hundred wanted chats and records the result; for whoever holds the account. Throws RetryAfterError on a flood wait or
 * an outage.
 */
export function surveyor(deps: Deps): (chatIds: readonly bigint[], context: Context) => Promise<void> {
  const walker = new DialogsWalker(deps);
  return async (chatIds, context) => {
    const askedAt = await databaseTime(deps.db);
    const known = (await wantedOf(deps.db, chatIds)).filter(isReachable);
    await reach(deps, known, walker, context);
    const strangers = async () => (await wantedOf(deps.db, chatIds)).filter((it) => !isReachable(it));
    await walker.walkUntil(async () => (await strangers()).length === 0, context.signal);
    const left = await strangers();
    const done = new Set([...known, ...left].map((it) => it.id));
    const found = (await wantedOf(deps.db, chatIds)).filter((it) => !done.has(it.id));
    for (const { chat, error } of await survey(deps, found, context))
      await unreadable(deps, chat, error.message, context);
    for (const chat of left) await reportUnknownChat(deps, chat, walker.whyUnread(chat.id), context);
    await settleChanged(deps.db, deps.account.selfId, chatIds, askedAt);
  };
}

/** Surveys known chats. A refused one may have a new access hash by now, which the dialogs have. */
async function reach(deps: Deps, chats: readonly ChatRow[], walker: DialogsWalker, context: Context): Promise<void> {
  const refused = await survey(deps, chats, context);
  if (refused.length === 0) return;
  const before = new Map(refused.map(({ chat }) => [chat.id, chat.accessHash]));
  const changed = async () =>
    (await wantedOf(deps.db, [...before.keys()])).filter((it) => it.accessHash !== before.get(it.id));
  await walker.walkUntil(async () => (await changed()).length === before.size, context.signal);
  const renewed = await changed();
  const still = await survey(deps, renewed, context);
  const gone = refused.filter(({ chat }) => !renewed.some((it) => it.id === chat.id));
  for (const { chat, error } of [...gone, ...still]) await unreadable(deps, chat, error.message, context);
}

/** Returns the chats that Telegram refuses. */
async function survey(deps: Deps, chats: readonly ChatRow[], context: Context): Promise<AskedDialogs['refused']> {
  if (chats.length === 0) return [];
  const { answers, refused } = await askDialogs(deps.account, chats, context.signal);
  const others = chats.filter((chat) => !refused.some((it) => it.chat === chat));
  await record(deps, others, answers, context);
  return refused;
}

async function record(
  { account, db }: Deps,
  chats: readonly ChatRow[],
  answers: AskedDialogs['answers'],
  context: Context,
): Promise<void> {
  if (chats.length === 0) return;
  const state = answers.map((it) => it.state).find((it) => it !== null) ?? (await getUpdatesState(account));
  await recordAccountState(db, { id: account.selfId, ...state });
  await rememberChats(
    db,
    account.selfId,
    answers.flatMap((it) => it.facts),
  );
  const dialogs = new Map(answers.flatMap((it) => it.dialogs).map((it) => [it.id, it]));
  const forbidden = new Set(answers.flatMap((it) => it.forbidden));
  const isReadable = (it: ChatRow) => dialogs.has(it.id) && !forbidden.has(it.id);
  for (const chat of chats.filter((it) => !isReadable(it))) {
    const why = forbidden.has(chat.id) ? 'you were removed from this chat, or it is private' : missing(chat, answers);
    await unreadable({ db }, chat, why, context);
  }
  const findings: SurveyFinding[] = [];
  const now = await databaseTime(db);
  for (const chat of chats.filter(isReadable)) {
    const finding = dialogs.get(chat.id)!;
    try {
      findings.push(
        needsBounds(chat, now) ? { ...finding, bounds: await boundsOf(account, chat, now, context.signal) } : finding,
      );
    } catch (error) {
      if (!(error instanceof ChatUnreadableError)) throw error;
      await unreadable({ db }, chat, error.message, context);
    }
  }
  await recordSurvey(db, account.selfId, findings);
  const tops = findings.map(({ id, topMessage, pts }) => ({ chatId: id, top: topMessage, pts: pts ?? state.pts }));
  await beginLive(db, account.selfId, tops);
  for (const { from, to } of answers.flatMap((it) => it.migrations)) {
    if (!chats.some((it) => it.id === from && it.migratedTo !== to)) continue;
    await recordMigration(db, from, to);
    if ((await wantedOf(db, [to])).length > 0) continue;
    const reason = `${from} continues as ${to}; add that id to tg.chats`;
    context.log.warn({ chat: from, to, reason }, 'group became a supergroup');
  }
}

/** Why an answer lacks the dialog of a requested chat. */
function missing(chat: ChatRow, answers: AskedDialogs['answers']): string {
  const unread = answers.find((it) => it.asked.includes(chat))?.unread;
  return unread ? `Telegram's answer has ${unread.reason}` : 'Telegram has no such dialog';
}

async function reportUnknownChat(
  deps: Deps,
  chat: ChatRow,
  unread: string | undefined,
  context: Context,
): Promise<void> {
  if (unread) {
    const why = `its access hash is not known yet: Telegram's answer about it has ${unread}`;
    return await unreadable(deps, chat, why, context, retrySoonMs);
  }
  const known = await chatTitles(deps.db);
  const near = nearestChats(chat.id, known).map((it) => `${it.id} (${it.title})`);
  const hint = near.length ? ` Did you mean ${near.join(' or ')}?` : ' See chats.json for the ids.';
  await unreadable(deps, chat, `this account has no chat with this id.${hint}`, context);
}

async function unreadable(
  { db }: Pick<Deps, 'db'>,
  chat: ChatRow,
  reason: string,
  { log }: Context,
  againMs?: number,
): Promise<void> {
  await recordUnreadable(db, chat, reason, againMs);
  log.warn({ chat: chat.id, title: chat.title, reason }, 'chat cannot be read');
}
