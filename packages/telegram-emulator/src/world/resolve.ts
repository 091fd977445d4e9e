/**
 * resolve.ts: resolves what a client sends (InputPeer, InputUser, InputChannel) to a chat or user of the world.
 * Access hashes are checked here and nowhere else.
 */
import { RpcError } from '../service.js';
import type { TlObject } from '../tl/value.js';
import type { Chat } from './chat.js';
import { markedId } from './peers.js';
import type { User } from './user.js';
import type { World } from './world.js';

const bad = (message: string): RpcError => new RpcError(400, message);

/** The supergroup or channel, readable or not; throws CHANNEL_INVALID for a wrong id or access hash. */
export function knownChannel(world: World, input: TlObject): Chat {
  const chat = world.findChat(markedId('channel', (input['channel_id'] as bigint | undefined) ?? 0n));
  if (!chat) throw bad('CHANNEL_INVALID');
  if (input._.endsWith('FromMessage')) {
    mentioningMessage(world, input);
    return chat;
  }
  const { hash } = chat;
  if (hash.current !== input['access_hash']) throw bad(hash.refusalOf(input['access_hash']) ?? 'CHANNEL_INVALID');
  return chat;
}

/** The supergroup or channel; throws CHANNEL_PRIVATE if the account may not read it. */
export function readableChannel(world: World, input: TlObject): Chat {
  const chat = knownChannel(world, input);
  if (!chat.readable) throw bad('CHANNEL_PRIVATE');
  return chat;
}

/** The user of an `InputUser` or `inputPeerUser`; undefined for a wrong id or access hash. */
export function findUser(world: World, input: TlObject): User | undefined {
  if (input._ === 'inputUserSelf' || input._ === 'inputPeerSelf') return world.users.get(world.account.userId);
  const user = world.users.get((input['user_id'] as bigint | undefined) ?? 0n);
  if (input._.endsWith('FromMessage')) {
    mentioningMessage(world, input);
    return user;
  }
  return user?.accessHash === input['access_hash'] ? user : undefined;
}

/** The basic group of a bare id. */
export function findGroup(world: World, id: unknown): Chat | undefined {
  return world.findChat(markedId('group', id as bigint));
}

/** The chat of an `InputPeer`, readable or not; `error` is thrown if it is unknown. */
export function knownPeer(world: World, input: TlObject, error = 'PEER_ID_INVALID'): Chat {
  let chat: Chat | undefined;
  if (input._.startsWith('inputPeerChannel')) return knownChannel(world, input);
  if (input._ === 'inputPeerChat') chat = findGroup(world, input['chat_id']);
  else if (input._ !== 'inputPeerEmpty') {
    const user = findUser(world, input);
    chat = user && world.findChat(user.id);
  }
  if (!chat) throw bad(refusalOf(world, input) ?? error);
  return chat;
}

/** The special error for a user's old access hash, if one was set. */
const refusalOf = (world: World, input: TlObject): string | undefined =>
  world.users.get((input['user_id'] as bigint | undefined) ?? 0n)?.hash.refusalOf(input['access_hash']);

/** The chat whose profile photo is requested; the access hash of its min form is valid here. */
export function photoPeer(world: World, input: TlObject): Chat {
  const { user_id: user, channel_id: channel, access_hash } = input as { [field: string]: unknown };
  const chat = world.findChat(
    (user as bigint | undefined) ?? markedId('channel', (channel as bigint | undefined) ?? 0n),
  );
  return chat?.hash.min === access_hash && chat ? chat : knownPeer(world, input);
}

/** The chat of an `InputPeer`; throws CHANNEL_PRIVATE or CHAT_FORBIDDEN if the account may not read it. */
export function readablePeer(world: World, input: TlObject): Chat {
  const chat = knownPeer(world, input);
  if (!chat.readable) throw bad(chat.kind === 'group' ? 'CHAT_FORBIDDEN' : 'CHANNEL_PRIVATE');
  return chat;
}

/** Peers without an access hash are identified by a message that mentions them, which must exist. */
function mentioningMessage(world: World, input: TlObject): void {
  const chat = readablePeer(world, input['peer'] as TlObject);
  if (!chat.store.has(input['msg_id'] as number)) throw bad('MSG_ID_INVALID');
}
