/** peer.ts: turns the users and chats of an answer into rows. Pure. */
import { Api } from '../wire/gramjs.js';
import type { ChatFacts } from '../../db/chats.js';
import type { ChatKind } from '../../db/words.js';
import type { PeerRow } from '../../db/peers.js';
import { cleanText } from './clean-text.js';
import { channelMarkedId, groupMarkedId, userMarkedId } from '../../peer-id/index.js';
import { isCut } from '../wire/lenient-reader.js';
import { toRaw } from './raw.js';

type AnyPeer = Api.TypeUser | Api.TypeChat;

interface Facts extends ChatFacts {
  kind: ChatKind;
}

/** The facts an answer gives about a user or chat; undefined if it only mentions them, or the id is invalid. */
export function factsOf(it: AnyPeer): Facts | undefined {
  try {
    return factsIn(it);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function factsIn(it: AnyPeer): Facts | undefined {
  if (it instanceof Api.User) {
    const title =
      [it.firstName, it.lastName].filter(Boolean).join(' ') || it.username || (it.deleted ? 'Deleted account' : '');
    return part(it, facts(userMarkedId(it.id), 'user', title, usernameOf(it), it.min ? undefined : it.accessHash));
  }
  if (it instanceof Api.Chat || it instanceof Api.ChatForbidden) return facts(groupMarkedId(it.id), 'group', it.title);
  if (it instanceof Api.Channel) {
    const kind = it.megagroup || it.gigagroup ? 'supergroup' : 'channel';
    return part(it, facts(channelMarkedId(it.id), kind, it.title, usernameOf(it), it.min ? undefined : it.accessHash));
  }
  if (it instanceof Api.ChannelForbidden) {
    return facts(channelMarkedId(it.id), it.megagroup ? 'supergroup' : 'channel', it.title, undefined, it.accessHash);
  }
  return undefined;
}

function part({ min }: Api.User | Api.Channel, known: Facts): Facts {
  return min ? { ...known, min } : known;
}

function facts(
  id: bigint,
  kind: ChatKind,
  title: string,
  username?: string,
  accessHash?: { toString(): string } | null,
): Facts {
  return {
    id,
    kind,
    title: cleanText(title),
    username: username ? cleanText(username) : null,
    accessHash: accessHash ? BigInt(accessHash.toString()) : null,
  };
}

function usernameOf(it: Api.User | Api.Channel): string | undefined {
  return it.username ?? it.usernames?.find((one) => one.active)?.username ?? undefined;
}

/** The users or chats of an answer that could be read. */
export function readPeers<T extends AnyPeer>(list: readonly T[] | null): T[] {
  return (list ?? []).filter((it) => it && !isCut(it));
}

export function peerRows(users: readonly Api.TypeUser[], chats: readonly Api.TypeChat[]): PeerRow[] {
  return [...users, ...chats].flatMap((it) => {
    const known = factsOf(it);
    if (!known) return [];
    const { id, kind, title, username, accessHash, min = false } = known;
    const row = { id, kind, name: title, username, accessHash, min };
    // Made only if it is stored: each page repeats the senders of the one before it.
    return [Object.defineProperty(row, 'raw', { get: () => toRaw(it), enumerable: true }) as PeerRow];
  });
}

export function chatFacts(users: readonly Api.TypeUser[], chats: readonly AnyPeer[]): ChatFacts[] {
  return [...users, ...chats].flatMap((it) => factsOf(it) ?? []);
}

/** Basic groups that became supergroups, with both marked ids. */
export function migrationsIn(chats: readonly Api.TypeChat[]): { from: bigint; to: bigint }[] {
  return chats.flatMap((it) =>
    it instanceof Api.Chat && it.migratedTo instanceof Api.InputChannel
      ? [{ from: groupMarkedId(it.id), to: channelMarkedId(it.migratedTo.channelId) }]
      : [],
  );
}
