/**
 * membership.ts: the account leaves a chat or joins it, is banned and let in again, or may no longer see its older messages.
 * Clients are only told that the chat changed, and see how when they ask for it.
 */
import type { Chat } from '../chat.js';
import type { Happening } from '../record.js';

/** The account leaves a chat; a public one stays readable. */
export function leave(chat: Chat): void {
  changed(chat, 'leave', () => (chat.kind === 'group' ? (chat.removed = true) : (chat.left = true)));
}

/** The account joins a chat, again or for the first time. */
export function join(chat: Chat): void {
  changed(chat, 'join', () => (chat.left = chat.removed = false));
}

/** The account is removed from a chat, and cannot read it any more. */
export function ban(chat: Chat): void {
  changed(chat, 'ban', () => (chat.removed = true));
}

/** The account may read the chat again, and is in it. */
export function unban(chat: Chat): void {
  changed(chat, 'unban', () => (chat.removed = false));
}

/** The account may no longer see messages up to this id. Nothing is deleted. */
export function hideHistory(chat: Chat, maxId: number): void {
  if (!chat.ownSequence) throw new Error(`${chat.title} has no available_min_id`);
  chat.availableMinId = maxId;
  chat.world.record.note(chat, 'hide-history', []);
  const update = { _: 'updateChannelAvailableMessages', channel_id: chat.bareId, available_min_id: maxId };
  chat.world.announce(chat, update);
}

function changed(chat: Chat, what: Happening, change: () => void): void {
  if (chat.kind === 'user') throw new Error('a private chat has no members');
  change();
  chat.world.record.note(chat, what, []);
  const id = chat.bareId;
  chat.world.announce(
    chat,
    chat.ownSequence ? { _: 'updateChannel', channel_id: id } : { _: 'updateChat', chat_id: id },
  );
}
