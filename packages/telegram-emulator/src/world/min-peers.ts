/**
 * min-peers.ts: users and channels shown in their `min` form where core.telegram.org/api/min allows it: together with
 * messages of supergroups and channels, never when requested themselves.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat } from './chat.js';
import { markedId, markedOf } from './peers.js';
import type { World } from './world.js';

export class MinPeers {
  /** By marked id: whether a peer was given in full, which may come before its min form. */
  readonly #marks = new Map<bigint, { full: boolean }>();

  /**
   * Shows a user or channel as `min` from now on, by default after giving it in full once more.
   * Call the result to end that.
   */
  peer(chat: Chat, { afterFull = true }: { afterFull?: boolean } = {}): () => void {
    if (chat.kind === 'group') throw new Error('a basic group has no min form');
    const mark = { full: !afterFull };
    this.#marks.set(chat.id, mark);
    return () => void (this.#marks.get(chat.id) === mark && this.#marks.delete(chat.id));
  }

  /** Records that a client got this peer in full. */
  givenInFull(id: bigint): void {
    const mark = this.#marks.get(id);
    if (mark) mark.full = true;
  }

  /** The answer, with min forms where they are allowed. */
  applied(world: World, answer: TlObject): TlObject {
    if (this.#marks.size === 0 || !MAY_HOLD_MIN.has(answer._)) return answer;
    // The channel whose messages are requested is given in full.
    const own = answer._.startsWith('updates') && !answer._.includes('.') ? undefined : channelOf(answer);
    const shown = (it: TlObject): TlObject => {
      const id = it._ === 'user' ? (it['id'] as bigint) : markedId('channel', it['id'] as bigint);
      const isPeer = it._ === 'user' || it._ === 'channel';
      if (!isPeer || it['self'] || id === own || !this.#marks.get(id)?.full) return it;
      return minTl(world, it);
    };
    const { users, chats } = answer as unknown as { users: TlObject[]; chats: TlObject[] };
    return { ...answer, users: users.map(shown), chats: chats.map(shown) };
  }
}

const MAY_HOLD_MIN = new Set([
  'messages.channelMessages',
  'updates.channelDifference',
  'updates.channelDifferenceTooLong',
  'updates',
  'updatesCombined',
]);

/** The channel of a page of messages. */
function channelOf(answer: TlObject): bigint | undefined {
  const messages = (answer['messages'] ?? answer['new_messages']) as TlObject[];
  return messages.map((it) => markedOf(it['peer_id'])).find((it) => it !== undefined);
}

/** The fields of a min form; its access hash is valid for profile photos only. */
function minTl(world: World, it: TlObject): TlObject {
  const { _, id, photo } = it;
  const chat = world.chat(_ === 'user' ? (id as bigint) : markedId('channel', id as bigint));
  const common = { _, min: true, id, access_hash: chat.hash.min, photo };
  if (_ === 'user') {
    const { deleted, bot, bot_info_version, first_name } = it;
    return { ...common, deleted, bot, bot_info_version, first_name, apply_min_photo: photo ? true : undefined };
  }
  const { broadcast, megagroup, title, date } = it;
  return { ...common, broadcast, megagroup, title, date };
}
