/** dialog-traits.ts: what the rules of chat folders ask of a dialog (core.telegram.org/api/folders). Pure. */
import { Api } from '../wire/gramjs.js';

export interface DialogTraits {
  /** A user in the contact list, or the account itself; null: unknown. */
  isContact: boolean | null;
  isBot: boolean | null;
  /** The account was removed from it. */
  isClosed: boolean;
  isArchived: boolean;
  /** By the dialog's own setting; null: it has none, so that of all chats of its kind holds. */
  isMuted: boolean | null;
  isUnread: boolean;
  hasUnreadMentions: boolean;
}

/** `peer`: the user or chat, if the answer has it; `now` in Unix seconds. */
export function dialogTraits(
  dialog: Api.Dialog,
  peer: Api.TypeUser | Api.TypeChat | undefined,
  now: number,
): DialogTraits {
  const user = peer instanceof Api.User ? peer : undefined;
  const isUser = dialog.peer instanceof Api.PeerUser;
  const { muteUntil } = dialog.notifySettings ?? {};
  return {
    isContact: isUser ? (user ? Boolean(user.contact || user.self) : null) : false,
    isBot: isUser ? (user ? Boolean(user.bot) : null) : false,
    isClosed: peer instanceof Api.ChannelForbidden || peer instanceof Api.ChatForbidden,
    isArchived: dialog.folderId === 1,
    isMuted: typeof muteUntil === 'number' ? muteUntil > now : null,
    isUnread: Boolean(dialog.unreadMark) || dialog.unreadCount > 0,
    hasUnreadMentions: dialog.unreadMentionsCount > 0,
  };
}
