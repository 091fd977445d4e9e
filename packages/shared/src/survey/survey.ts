/**
 * survey.ts: what is the newest message of these chats, and can they be read? Notes the update counters before any
 * history is read. A chat that cannot be read is a state of that chat; the others go on.
 */
import type { Logger } from '../app/index.js';
import {
  type ChatRow,
  type Db,
  findChat,
  recordAccountState,
  recordMigration,
  recordSurvey,
  recordUnreadable,
  rememberChats,
} from '../db/index.js';
import { markedId } from '../peer-id/index.js';
import { type Account, Api, chatFacts, ChatUnreadableError, getPeerDialogs, migrationsIn } from '../telegram/index.js';
import { dialogsOnce } from './dialogs-once.js';
import { nearestChats } from './nearest-chats.js';

interface Deps {
  account: Account;
  db: Db;
}

interface Context {
  signal: AbortSignal;
  log: Logger;
}

const lookAgainMs = 6 * 3600 * 1000;

/** For whoever holds the account: surveys up to a hundred wanted chats, and records what it finds. */
export function surveyor(deps: Deps): (chatIds: readonly bigint[], context: Context) => Promise<void> {
  const readDialogs = dialogsOnce(deps);
  return async (chatIds, context) => {
    let chats = await wanted(deps, chatIds);
    if (chats.some((it) => !isReachable(it))) {
      await readDialogs(context.signal);
      chats = await wanted(deps, chatIds);
    }
    for (const chat of chats.filter((it) => !isReachable(it))) await nobodys(deps, chat, context);
    await survey(
      deps,
      chats.filter((it) => isReachable(it)),
      context,
    );
  };
}

async function wanted({ db }: Deps, ids: readonly bigint[]): Promise<ChatRow[]> {
  const rows = await Promise.all(ids.map((it) => findChat(db, it)));
  return rows.filter((it): it is ChatRow => it !== null && it.wanted);
}

/** Basic groups need no access hash; that there is one at all, the answer tells. */
function isReachable(chat: ChatRow): boolean {
  return chat.accessHash !== null || (chat.id < 0n && chat.id > -1_000_000_000_000n && chat.kind !== 'unknown');
}

async function survey(deps: Deps, chats: readonly ChatRow[], context: Context): Promise<void> {
  if (chats.length === 0) return;
  const { account, db } = deps;
  let answer: Api.messages.PeerDialogs;
  try {
    answer = await getPeerDialogs(account, chats, context.signal);
  } catch (error) {
    if (!(error instanceof ChatUnreadableError)) throw error;
    // The answer does not say which one it was.
    if (chats.length === 1) return await unreadable(deps, chats[0]!, error.message, context);
    for (const chat of chats) await survey(deps, [chat], context);
    return;
  }
  const { pts, qts, date, seq } = answer.state;
  await recordAccountState(db, { id: account.selfId, pts, qts, date: new Date(date * 1000), seq });
  await rememberChats(db, chatFacts(answer.users, answer.chats));
  const found = new Map(
    answer.dialogs.flatMap((it) => (it instanceof Api.Dialog ? [[markedId(it.peer), it] as const] : [])),
  );
  const forbidden = new Set(
    answer.chats
      .filter((it) => it instanceof Api.ChannelForbidden || it instanceof Api.ChatForbidden)
      .flatMap((it) => chatFacts([], [it]).map((one) => one.id)),
  );
  const readable = chats.filter((it) => found.has(it.id) && !forbidden.has(it.id));
  for (const chat of chats.filter((it) => !readable.includes(it))) {
    await unreadable(
      deps,
      chat,
      forbidden.has(chat.id) ? 'removed from this chat, or it is private' : 'Telegram knows no such dialog',
      context,
    );
  }
  await recordSurvey(
    db,
    readable.map(({ id }) => ({ id, topMessage: BigInt(found.get(id)!.topMessage), pts: found.get(id)!.pts ?? null })),
  );
  for (const { from, to } of migrationsIn(answer.chats)) {
    if (!chats.some((it) => it.id === from && it.migratedTo !== to)) continue;
    await recordMigration(db, from, to);
    if ((await findChat(db, to))?.wanted) continue;
    context.log.warn({ chat: from, to }, `group ${from} became a supergroup: add ${to} to tg.chats to go on with it`);
  }
}

async function nobodys(deps: Deps, chat: ChatRow, context: Context): Promise<void> {
  const known = await deps.db.chat.findMany({ where: { kind: { not: 'unknown' } }, select: { id: true, title: true } });
  const near = nearestChats(chat.id, known).map((it) => `${it.id} (${it.title})`);
  const hint = near.length ? ` Did you mean ${near.join(' or ')}?` : ' See chats.json for the ids.';
  await unreadable(deps, chat, `no chat of this account has this id.${hint}`, context);
}

async function unreadable({ db }: Deps, chat: ChatRow, reason: string, { log }: Context): Promise<void> {
  await recordUnreadable(db, chat.id, reason, new Date(Date.now() + lookAgainMs));
  log.warn({ chat: chat.id, title: chat.title, reason }, 'chat cannot be read');
}
