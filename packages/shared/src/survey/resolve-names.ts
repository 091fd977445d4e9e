/**
 * resolve-names.ts: whose are the usernames of tg.chats? Telegram is asked once for each: afterwards the name means that chat, whoever gets
 * the username later.
 */
import {
  databaseTime,
  knownUsernames,
  noteSelector,
  recordResolved,
  recordUnresolved,
  rememberChats,
} from '../db/index.js';
import type { SelectorRow } from '../db/index.js';
import { isOfItem, resolveUsername } from '../telegram/index.js';
import type { Context, Deps } from './deps.js';
import { nearestNames } from './nearest-names.js';

/** Telegram allows a few hundred of these calls a day, and lets those who ask for more wait for hours. */
const retryMs = 3_600_000;

/** Resolves the names that never were. Throws a RetryAfterError on a flood wait, and whatever is no single name's fault. */
export async function resolveNames(deps: Deps, names: readonly SelectorRow[], context: Context): Promise<void> {
  const now = await databaseTime(deps.db);
  for (const name of names) {
    if (name.chatIds.length > 0) await noteOtherName(deps, name, context);
    else if (!name.retryAt || name.retryAt <= now) await resolveName(deps, name, context);
  }
}

async function resolveName({ account, db }: Deps, name: SelectorRow, { log, signal }: Context): Promise<void> {
  try {
    const found = await resolveUsername(account, name.text.slice(1), signal);
    if (!found) return await report({ db, log }, name, await unknownName(db, name.text));
    await rememberChats(db, account.selfId, found.facts);
    const chat = found.facts.find((it) => it.id === found.id);
    await recordResolved(db, name.text, [found.id], { username: chat?.username ?? null });
    log.info({ selector: name.text, chat: found.id, title: chat?.title }, 'username resolved');
  } catch (error) {
    if (!isOfItem(error)) throw error;
    await report({ db, log }, name, (error as Error).message);
  }
}

async function report(
  { db, log }: Pick<Deps, 'db'> & Pick<Context, 'log'>,
  { text, problem }: SelectorRow,
  reason: string,
): Promise<void> {
  await recordUnresolved(db, text, reason, retryMs);
  if (reason !== problem) log.warn({ selector: text, reason }, 'username cannot be resolved');
}

async function unknownName(db: Deps['db'], text: string): Promise<string> {
  const near = nearestNames(text.slice(1), await knownUsernames(db)).map((it) => `@${it.username} (${it.title})`);
  const hint =
    near.length > 0
      ? ` Did you mean ${near.join(' or ')}?`
      : ' Chats without a username need their id from chats.json.';
  return `no user, group or channel has this username.${hint}`;
}

/** The last survey may have found the chat under another username. */
async function noteOtherName({ db }: Deps, name: SelectorRow, { log }: Context): Promise<void> {
  const { text, chatIds, username, usernameNow } = name;
  const has = usernameNow === null ? 'no username any more' : `the username @${usernameNow} now`;
  const note =
    usernameNow === username ? null : `${chatIds[0]} has ${has} and is still meant; for another chat use its id`;
  if (note === name.note) return;
  await noteSelector(db, text, note);
  if (note !== null) log.warn({ selector: text, chat: chatIds[0], reason: note }, 'username of a chat has changed');
}
