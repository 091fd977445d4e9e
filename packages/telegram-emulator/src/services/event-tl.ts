/**
 * event-tl.ts: one event as updates, to be pushed or put into a difference.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat } from '../world/chat.js';
import { messageTl } from '../world/message-tl.js';
import type { UpdateEvent } from '../world/update-log.js';
import type { WorldEvent } from '../world/world.js';

/** The updates of an event; messages deleted since are not shown. */
export function updatesOf(event: WorldEvent): TlObject[] {
  if (event.kind === 'loose') return [event.update];
  const { chat, ids, kind, pts, count } = event;
  const channel = chat.ownSequence ? 'Channel' : '';
  const sequence = { pts, pts_count: count };
  const where = chat.ownSequence ? { channel_id: chat.bareId } : {};
  switch (kind) {
    case 'delete':
      return [{ _: `updateDelete${channel}Messages`, ...where, messages: ids, ...sequence }];
    case 'pin':
    case 'unpin': {
      const peer = chat.ownSequence ? where : { peer: chat.peer };
      const pinned = kind === 'pin' || undefined;
      return [{ _: `updatePinned${channel}Messages`, pinned, ...peer, messages: ids, ...sequence }];
    }
    case 'preview':
      return webPagesOf(event).map((webpage) => ({ _: `update${channel}WebPage`, ...where, webpage, ...sequence }));
    default: {
      const name = kind === 'new' ? `updateNew${channel}Message` : `updateEdit${channel}Message`;
      return messagesOf(chat, ids).map((message) => ({ _: name, message, ...sequence }));
    }
  }
}

/** Those of the messages that still exist, as they are now. */
export const messagesOf = (chat: Chat, ids: readonly number[]): TlObject[] =>
  ids.flatMap((id) => chat.store.get(id) ?? []).map((it) => messageTl(chat, it));

function webPagesOf({ chat, ids }: UpdateEvent): TlObject[] {
  return messagesOf(chat, ids).flatMap((it) => {
    const { webpage } = (it['media'] ?? {}) as { webpage?: TlObject };
    return webpage ? [webpage] : [];
  });
}
