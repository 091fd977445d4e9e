/** reachable.ts: whether enough is known of a chat to ask for it. Pure. */
import type { ChatRow } from '../db/index.js';

/** Basic groups need no access hash; the answer tells whether the group exists. */
export function isReachable(chat: ChatRow): boolean {
  return chat.accessHash !== null || (chat.id < 0n && chat.id > -1_000_000_000_000n && chat.kind !== 'unknown');
}
