/**
 * users.ts: users by id, their full form, contacts and names.
 */
import { RpcError, type Call, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { mentionedPeers } from '../world/mentioned-peers.js';
import { renderTree } from '../world/message-tl.js';
import { findUser } from '../world/resolve.js';
import type { World } from '../world/world.js';
import { accountOnly } from './account-only.js';

/** A user with a wrong access hash becomes `userEmpty`. */
function getUsers(world: World, { query }: Call): TlObject[] {
  return (query['id'] as TlObject[]).map(
    (it) => findUser(world, it)?.toTl() ?? { _: 'userEmpty', id: (it['user_id'] as bigint | undefined) ?? 0n },
  );
}

function getFullUser(world: World, { query }: Call): TlObject {
  const user = findUser(world, query['id'] as TlObject);
  if (!user) throw new RpcError(400, 'USER_ID_INVALID');
  const full = {
    _: 'userFull',
    id: user.id,
    about: user.options.about,
    settings: { _: 'peerSettings' },
    profile_photo: renderTree(world, user.options.photo),
    notify_settings: { _: 'peerNotifySettings' },
    bot_info: user.options.bot ? { _: 'botInfo', user_id: user.id } : undefined,
    common_chats_count: world.chats.filter((it) => it.members.includes(user.id)).length,
  };
  return { _: 'users.userFull', full_user: full, chats: [], users: [user.toTl()] };
}

function resolveUsername(world: World, { query }: Call): TlObject {
  const name = String(query['username']).toLowerCase();
  if (!/^[a-z][a-z0-9_]{1,31}$/.test(name)) throw new RpcError(400, 'USERNAME_INVALID');
  const chat = world.chats.find((it) => it.username?.toLowerCase() === name);
  if (!chat) throw new RpcError(400, 'USERNAME_NOT_OCCUPIED');
  return { _: 'contacts.resolvedPeer', peer: chat.peer, ...mentionedPeers(world, [], [chat]) };
}

function getContacts(world: World): TlObject {
  const users = [...world.users.values()].filter((it) => it.options.contact);
  const contacts = users.map((it) => ({ _: 'contact', user_id: it.id, mutual: true }));
  return { _: 'contacts.contacts', contacts, saved_count: 0, users: users.map((it) => it.toTl()) };
}

/** The service for users and names. */
export const usersService = (world: World): Service =>
  accountOnly({
    'users.getUsers': (call) => getUsers(world, call),
    'users.getFullUser': (call) => getFullUser(world, call),
    'contacts.resolveUsername': (call) => resolveUsername(world, call),
    'contacts.getContacts': () => getContacts(world),
  });
