/**
 * message-states.ts: what clients ask again because no pts sequence has it: the results of a poll, and reactions.
 * The answers are updates that only the caller gets.
 */
import { RpcError, type Call, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { pollUpdate } from '../world/live/polls.js';
import { mentionedPeers } from '../world/mentioned-peers.js';
import { readablePeer } from '../world/resolve.js';
import type { World } from '../world/world.js';
import { accountOnly } from './account-only.js';

const answerTl = (world: World, updates: readonly TlObject[]): TlObject => ({
  _: 'updates',
  updates,
  ...mentionedPeers(world, updates),
  date: world.now(),
  seq: 0,
});

function getPollResults(world: World, { query }: Call): TlObject {
  const chat = readablePeer(world, query['peer'] as TlObject);
  const id = query['msg_id'] as number;
  if (chat.store.get(id)?.media?._ !== 'messageMediaPoll') throw new RpcError(400, 'MESSAGE_ID_INVALID');
  const update = pollUpdate(chat, id);
  // The poll itself comes only to clients that do not have it: its hash is of question and answers, and says nothing of its end.
  const isKnown = (update['poll'] as TlObject)['hash'] === query['poll_hash'];
  return answerTl(world, [isKnown ? { ...update, poll: undefined } : update]);
}

function getMessagesReactions(world: World, { query }: Call): TlObject {
  const chat = readablePeer(world, query['peer'] as TlObject);
  const updates = (query['id'] as number[]).flatMap((id) => {
    const reactions = chat.store.get(id)?.fields?.['reactions'];
    return reactions ? [{ _: 'updateMessageReactions', peer: chat.peer, msg_id: id, reactions }] : [];
  });
  return answerTl(world, updates);
}

/** The service for polls and reactions. */
export const messageStatesService = (world: World): Service =>
  accountOnly({
    'messages.getPollResults': (call) => getPollResults(world, call),
    'messages.getMessagesReactions': (call) => getMessagesReactions(world, call),
  });
