/**
 * server.ts: what a client is told that concerns no content: somebody types, or the server lost track of its sequence.
 */
import type { Chat } from '../chat.js';
import type { World } from '../world.js';

/** The other person of a private chat types. */
export function typing(chat: Chat): void {
  if (!chat.user) throw new Error(`${chat.title} is no private chat`);
  const action = { _: 'sendMessageTypingAction' };
  chat.world.mention(chat, { _: 'updateUserTyping', user_id: chat.user.id, action });
}

/** The account's sequence starts over from another pts. */
export function resetPts(world: World, pts: number): void {
  world.log.reset(pts);
  world.mention(world.chat(world.account.userId), { _: 'updatePtsChanged' });
}
