/** usernames.ts: whose username is it now? */
import { Api } from '../wire/gramjs.js';
import type { ChatFacts } from '../../db/chats.js';
import { markedId } from '../../peer-id/index.js';
import { chatFacts, readPeers } from '../map/peer.js';
import type { Caller } from '../wire/connection.js';
import { TelegramError } from '../wire/errors.js';

export interface NamedPeer {
  id: bigint;
  /** Of the chat and of others that the answer mentions. */
  facts: ChatFacts[];
}

/** The user, group or channel of a username without the @; undefined if nobody has it. */
export async function resolveUsername(
  caller: Caller,
  username: string,
  signal?: AbortSignal,
): Promise<NamedPeer | undefined> {
  try {
    const answer = await caller.call(new Api.contacts.ResolveUsername({ username }), { signal });
    return { id: markedId(answer.peer), facts: chatFacts(readPeers(answer.users), readPeers(answer.chats)) };
  } catch (error) {
    if (error instanceof TelegramError && /^USERNAME_(NOT_OCCUPIED|INVALID)$/.test(error.reason)) return undefined;
    throw error;
  }
}
