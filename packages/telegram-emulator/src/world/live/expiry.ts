/**
 * expiry.ts: messages that delete themselves a while after they were sent (core.telegram.org/api/auto-delete).
 */
import type { Chat } from '../chat.js';
import type { World } from '../world.js';

/** New messages delete themselves after this many seconds; undefined: they stay. */
export function setTtl(chat: Chat, seconds: number | undefined): void {
  chat.ttlPeriod = seconds;
  chat.addMessage({ action: { _: 'messageActionSetMessagesTTL', period: seconds ?? 0 } });
  chat.world.record.note(chat, 'ttl', []);
  chat.world.announce(chat, { _: 'updatePeerHistoryTTL', peer: chat.peer, ttl_period: seconds });
}

/** Deletes what is due by the world's clock; returns how many messages. */
export function expireMessages(world: World): number {
  const now = world.now();
  let expired = 0;
  for (const chat of world.chats) {
    const due = [...chat.store.kept].filter(({ date, fields }) => {
      const ttl = fields?.['ttl_period'] as number | undefined;
      return ttl !== undefined && date + ttl <= now;
    });
    const ids = due.map((it) => it.id);
    chat.deleteMessages(
      ids.sort((a, b) => a - b),
      'auto-delete',
    );
    expired += ids.length;
  }
  return expired;
}
