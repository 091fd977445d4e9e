/** Updates that say that a chat has changed, and which one. */
import bigInt from 'big-integer';
import { expect, test } from 'vitest';
import { Api } from '../wire/gramjs.js';
import { changedChat, migratedTo } from './chat-changes.js';

const self = 7n;
const id = (it: number) => bigInt(it);
const left = (userId: number) => new Api.UpdateChatParticipantDelete({ chatId: id(3), userId: id(userId), version: 1 });
const members = new Api.UpdateChatParticipants({
  participants: new Api.ChatParticipants({ chatId: id(3), participants: [], version: 1 }),
});

test.each<[string, Api.TypeUpdate, bigint | undefined]>([
  ['a channel', new Api.UpdateChannel({ channelId: id(3) }), -1_000_000_000_003n],
  ['a group', new Api.UpdateChat({ chatId: id(3) }), -3n],
  ['a user', new Api.UpdateUserName({ userId: id(3), firstName: 'a', lastName: '', usernames: [] }), 3n],
  ['a group that we left', left(7), -3n],
  ['a group that somebody left', left(8), undefined],
  ['a group with other members', members, -3n],
  ['no chat', new Api.UpdateConfig(), undefined],
])('%s', (_what, update, chat) => {
  expect(changedChat(update, self)).toBe(chat);
});

test('a group says which supergroup it has become', () => {
  const service = (action: Api.TypeMessageAction) =>
    new Api.MessageService({ id: 1, peerId: new Api.PeerChat({ chatId: id(3) }), date: 1, action });
  expect(migratedTo(service(new Api.MessageActionChatMigrateTo({ channelId: id(4) })))).toBe(-1_000_000_000_004n);
  expect(migratedTo(service(new Api.MessageActionPinMessage()))).toBeUndefined();
});
