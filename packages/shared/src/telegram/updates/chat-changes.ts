/**
 * chat-changes.ts: which chat an update says has changed, without saying how: rights, membership, titles. Only a survey tells. Pure.
 */
import { channelMarkedId, groupMarkedId, markedId, userMarkedId } from '../../peer-id/index.js';
import { Api } from '../wire/gramjs.js';

/** The marked id of the chat; undefined: none has changed. `selfId`: the account. */
export function changedChat(update: Api.TypeUpdate, selfId: bigint): bigint | undefined {
  if (update instanceof Api.UpdateChannel) return channelMarkedId(update.channelId);
  if (update instanceof Api.UpdateChat) return groupMarkedId(update.chatId);
  if (update instanceof Api.UpdateUser || update instanceof Api.UpdateUserName) return userMarkedId(update.userId);
  if (update instanceof Api.UpdateChatDefaultBannedRights) return markedId(update.peer);
  if (update instanceof Api.UpdateChatParticipants) return groupMarkedId(update.participants.chatId);
  const isOfMember =
    update instanceof Api.UpdateChatParticipantAdd || update instanceof Api.UpdateChatParticipantDelete;
  return isOfMember && userMarkedId(update.userId) === selfId ? groupMarkedId(update.chatId) : undefined;
}

/** The supergroup that a basic group has become, as a message of the group says. */
export function migratedTo(message: Api.TypeMessage): bigint | undefined {
  if (!(message instanceof Api.MessageService)) return undefined;
  const { action } = message;
  return action instanceof Api.MessageActionChatMigrateTo ? channelMarkedId(action.channelId) : undefined;
}
