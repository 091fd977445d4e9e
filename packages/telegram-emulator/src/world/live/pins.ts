/**
 * pins.ts: pinning and unpinning messages, several at once if need be.
 */
import type { Chat } from '../chat.js';
import { setFields } from './edits.js';

/** Pins messages, or unpins them. */
export function pin(chat: Chat, ids: readonly number[], pinned = true): void {
  for (const id of ids) setFields(chat, id, { pinned: pinned || undefined });
  chat.world.record.note(chat, pinned ? 'pin' : 'unpin', ids);
  chat.step(pinned ? 'pin' : 'unpin', ids);
}
