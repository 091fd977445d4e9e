/**
 * left-chats.ts: of chats that a list of dialogs does not have, those that the account has left. The list alone proves nothing: a chat whose
 * newest message comes while the pages are read moves up, past the page that is asked for next.
 */
import { wantedOf } from '../db/index.js';
import { ChatUnreadableError } from '../telegram/index.js';
import { askDialogs } from './ask-dialogs.js';
import type { Context, Deps } from './deps.js';

const mostAsked = 100;

/** Those of which Telegram says so. */
export async function leftChats(
  { account, db }: Deps,
  ids: readonly bigint[],
  { signal }: Context,
): Promise<Set<bigint>> {
  const left = new Set<bigint>();
  for (let start = 0; start < ids.length; start += mostAsked) {
    const chats = await wantedOf(db, ids.slice(start, start + mostAsked));
    const known = chats.filter((it) => it.accessHash !== null || it.kind === 'group');
    const { answers, refused } = await askDialogs(account, known, signal);
    for (const { chat, error } of refused) if (error instanceof ChatUnreadableError) left.add(chat.id);
    for (const answer of answers) {
      const empty = answer.dialogs.filter((it) => it.topMessage === 0n).map((it) => it.id);
      for (const id of [...answer.forbidden, ...answer.left, ...empty]) left.add(id);
    }
  }
  return left;
}
