/**
 * names.ts: users and chats get other names. Of a user clients are told the names, of a chat only that it changed.
 */
import type { Chat } from '../chat.js';

/** A user gets another name, and another username or none. */
export function renameUser(chat: Chat, names: { firstName: string; lastName?: string; username?: string }): void {
  if (!chat.user) throw new Error(`${chat.title} is no user`);
  chat.user.rename(names);
  chat.title = chat.user.title;
  const { firstName: first_name, lastName: last_name = '', username } = names;
  const usernames = username === undefined ? [] : [{ _: 'username', active: true, username }];
  chat.world.record.note(chat, 'rename', []);
  chat.world.announce(chat, { _: 'updateUserName', user_id: chat.user.id, first_name, last_name, usernames });
}

/** A group or channel gets another title; a service message says so, and the chat has changed. */
export function renameChat(chat: Chat, title: string): void {
  if (chat.user) throw new Error(`${chat.title} is a user`);
  chat.title = title;
  chat.addMessage({ action: { _: 'messageActionChatEditTitle', title } });
  chat.world.record.note(chat, 'rename', []);
  const id = chat.bareId;
  const update = chat.ownSequence ? { _: 'updateChannel', channel_id: id } : { _: 'updateChat', chat_id: id };
  chat.world.announce(chat, update);
}
