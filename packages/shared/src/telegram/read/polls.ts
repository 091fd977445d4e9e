/** polls.ts: the results of polls, which are in no sequence of updates: Telegram tells them to whoever asks. */
import bigInt from 'big-integer';
import type { ChatRow } from '../../db/chats.js';
import type { MessageRow } from '../../db/messages.js';
import type { ToldOfPoll } from '../../db/reactions.js';
import type { Account } from '../account/account.js';
import { toldOfPoll } from '../map/poll.js';
import { Api } from '../wire/gramjs.js';
import { inputPeer } from './input-peer.js';

/** A poll of which a message does not say the final results. */
export interface OpenPoll {
  messageId: bigint;
  /** Of its question and answers, as a decimal number. */
  hash: string;
}

interface PollMedia {
  _?: string;
  poll?: { closed?: boolean; hash?: string };
  results?: { min?: boolean };
}

/** Polls that are still open, or whose results were told in part. */
export function openPolls(messages: readonly MessageRow[]): OpenPoll[] {
  return messages.flatMap(({ id, raw }) => {
    const { media } = raw as { media?: PollMedia };
    if (media?._ !== 'MessageMediaPoll' || (media.poll?.closed && !media.results?.min)) return [];
    return [{ messageId: id, hash: media.poll?.hash ?? '0' }];
  });
}

export interface PollResults {
  /** What Telegram answered, which nobody else is told: for the `Applier`. */
  updates: unknown;
  /** What it says of polls. */
  polls: ToldOfPoll[];
}

/** The present results of a poll. Throws what the account throws. */
export async function getPollResults(
  account: Account,
  chat: ChatRow,
  { messageId, hash }: OpenPoll,
  signal: AbortSignal,
): Promise<PollResults> {
  const peer = inputPeer(chat);
  const request = new Api.messages.GetPollResults({ peer, msgId: Number(messageId), pollHash: bigInt(hash) } as never);
  const updates: Api.TypeUpdates = await account.call(request, { signal });
  const all = 'updates' in updates ? updates.updates : [];
  return { updates, polls: all.flatMap((it) => (it instanceof Api.UpdateMessagePoll ? [toldOfPoll(it)] : [])) };
}
