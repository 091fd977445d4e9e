/** What can happen in a world: how clients learn of it, and what the world's own record says. */
import { expect, test } from 'vitest';
import type { TlObject } from '../../tl/value.js';
import type { Chat } from '../chat.js';
import { directClient, inputChannel, inputPeer } from '../direct-client.js';
import type { RecordedMessage } from '../record.js';
import { updatesOf } from '../../services/event-tl.js';
import { World } from '../world.js';
import * as live from './index.js';

const START = 1_770_000_000;

function setUp() {
  const clock = { now: START };
  const world = new World({ now: () => clock.now });
  const [cats, alice] = [world.addChannel({ title: 'cats' }), world.addUser({ title: 'Alice' })];
  const forum = world.addSupergroup({ title: 'forum', forum: true });
  const group = world.addGroup({ title: 'group' });
  const told: TlObject[] = [];
  world.onUpdate((event) => told.push(...updatesOf(event)));
  const recorded = (chat: Chat, id: number): RecordedMessage =>
    [...world.record.messages()].find((it) => it.chatId === chat.id && it.id === id)!;
  return { clock, world, cats, alice, forum, group, told, recorded, ask: directClient(world) };
}

test('versions of a message are recorded with their dates, and why it was deleted', () => {
  const { clock, world, cats, recorded } = setUp();
  const photo = world.addPhoto();
  const { id, date } = cats.addMessage({ text: 'one' });
  clock.now = START + 10;
  cats.editMessage(id, { text: 'two' });
  cats.editMessage(id, { text: 'two', photo });
  cats.editMessage(id, { text: 'two' });
  live.hiddenEdit(cats, id, { reply_markup: undefined });
  live.react(cats, id, world.account.userId, '👍');
  clock.now = START + 20;
  cats.deleteMessage(id);
  const later = cats.addMessage({ text: 'plain' });
  const file = { kind: 'photo', id: photo.id };
  expect(recorded(cats, id)).toMatchObject({
    versions: [
      { at: date, text: 'one', media: [] },
      { at: START + 10, text: 'two', media: [] },
      { at: START + 10, text: 'two', mediaType: 'messageMediaPhoto', media: [file] },
    ],
    deleted: { at: START + 20, reason: 'deleted' },
    reactions: { '👍': 1 },
  });
  expect(recorded(cats, id).versions).toHaveLength(3);
  expect(recorded(cats, later.id)).toMatchObject({ versions: [{ text: 'plain' }] });
  expect(recorded(cats, later.id).deleted).toBeUndefined();
  const happened = ['edit', 'edit', 'edit', 'hidden-edit', 'react', 'delete'];
  expect(world.record.events.map((it) => it.what)).toEqual(happened);
});

test('a hidden edit does not show as one, unless the message was edited before', () => {
  const { cats, told } = setUp();
  const [plain, edited] = cats.addMessages(2);
  live.hiddenEdit(cats, plain!.id, { reply_markup: { _: 'replyKeyboardHide' } });
  expect(told.at(-1)).toMatchObject({ _: 'updateEditChannelMessage', pts: 4, pts_count: 1 });
  expect(told.at(-1)).toMatchObject({ message: { edit_hide: true, reply_markup: { _: 'replyKeyboardHide' } } });
  cats.editMessage(edited!.id, { text: 'changed' });
  live.hiddenEdit(cats, edited!.id, { views: 3 });
  expect(told.at(-1)!['message']).not.toHaveProperty('edit_hide');
  cats.editMessage(plain!.id, { text: 'changed' });
  expect(told.at(-1)!['message']).not.toHaveProperty('edit_hide');
});

test('reactions come without pts or as a hidden edit, one for each person', () => {
  const { world, cats, alice, forum, told, ask } = setUp();
  const others = Array.from({ length: 4 }, (_, index) => world.addUser({ title: `Person ${index}` }));
  const { id } = forum.addMessage();
  for (const who of others) live.react(forum, id, who, '👍');
  live.react(forum, id, others[0]!, '🔥');
  const { reactions } = told.at(-1) as unknown as { reactions: TlObject };
  expect(told.at(-1)).toMatchObject({ _: 'updateMessageReactions', peer: forum.peer, msg_id: id });
  expect((reactions['results'] as TlObject[]).map((it) => it['count'])).toEqual([3, 1]);
  expect(reactions['recent_reactions']).toHaveLength(3);
  live.react(forum, id, others[0]!, undefined);
  const post = cats.addMessage();
  live.react(cats, post.id, alice, '👍', 'hidden-edit');
  expect(told.at(-1)).toMatchObject({ message: { edit_hide: true, reactions: { results: [{ count: 1 }] } } });
  const asked = ask('messages.getMessagesReactions', { peer: inputPeer(world, forum.id), id: [id, id + 1] });
  expect(asked['updates']).toMatchObject([{ msg_id: id, reactions: { results: [{ count: 3 }] } }]);
  expect([...world.record.messages()].map((it) => it.reactions)).toEqual([{ '👍': 1 }, { '👍': 3 }]);
});

test('a poll is voted in and closed', () => {
  const { world, cats, told, recorded, ask } = setUp();
  const plain = (text: string): TlObject => ({ _: 'textWithEntities', text, entities: [] });
  const answers = ['yes', 'no'].map((it) => ({ _: 'pollAnswer', text: plain(it), option: Buffer.from(it) }));
  const poll = { _: 'poll', id: 7n, question: plain('Cats?'), answers, hash: 0n };
  const { id } = cats.addMessage({ media: { _: 'messageMediaPoll', poll, results: { _: 'pollResults' } } });
  live.vote(cats, id, 0);
  live.vote(cats, id, 0);
  const results = { min: true, total_voters: 2, results: [{ voters: 2 }, { voters: 0 }] };
  expect(told.at(-1)).toMatchObject({ _: 'updateMessagePoll', poll_id: 7n, results });
  live.closePoll(cats, id);
  expect(told.at(-1)).toMatchObject({ poll: { closed: true }, results: { total_voters: 2 } });
  const peer = inputPeer(world, cats.id);
  const answer = ask('messages.getPollResults', { peer, msg_id: id });
  expect(answer['updates']).toMatchObject([{ poll_id: 7n, poll: { closed: true }, results: { total_voters: 2 } }]);
  expect(() => ask('messages.getPollResults', { peer, msg_id: id + 1 })).toThrow('MESSAGE_ID_INVALID');
  expect(() => live.vote(cats, id, 0)).toThrow('is closed');
  expect(recorded(cats, id).versions).toHaveLength(1);
});

test('posts are seen and forwarded, pinned and unpinned', () => {
  const { cats, alice, told, recorded } = setUp();
  const [first, second] = cats.addMessages(2);
  live.setViews(cats, first!.id, 10);
  live.setForwards(cats, first!.id, 2);
  live.pin(cats, [first!.id, second!.id]);
  live.pin(cats, [second!.id], false);
  const channel_id = cats.bareId;
  expect(told.slice(2)).toMatchObject([
    { _: 'updateChannelMessageViews', channel_id, id: first!.id, views: 10 },
    { _: 'updateChannelMessageForwards', channel_id, id: first!.id, forwards: 2 },
    { _: 'updatePinnedChannelMessages', channel_id, pinned: true, messages: [1, 2], pts: 5, pts_count: 2 },
    { _: 'updatePinnedChannelMessages', channel_id, messages: [2], pts: 6, pts_count: 1 },
  ]);
  expect(recorded(cats, first!.id)).toMatchObject({ views: 10, forwards: 2, pinned: true });
  expect(recorded(cats, second!.id).pinned).toBe(false);
  const { id } = alice.addMessage();
  live.pin(alice, [id]);
  expect(told.at(-1)).toMatchObject({ _: 'updatePinnedMessages', peer: alice.peer, pinned: true, messages: [id] });
  expect(() => live.setViews(alice, id, 1)).toThrow('no channel');
});

test('messages delete themselves after a while', () => {
  const { clock, world, alice, told, recorded } = setUp();
  const stays = alice.addMessage({ date: clock.now });
  live.setTtl(alice, 60);
  expect(told.at(-1)).toMatchObject({ _: 'updatePeerHistoryTTL', ttl_period: 60 });
  const [one, two] = [alice.addMessage({ date: clock.now }), alice.addMessage({ date: clock.now })];
  expect(told.at(-1)).toMatchObject({ message: { ttl_period: 60 } });
  clock.now += 59;
  expect(live.expireMessages(world)).toBe(0);
  clock.now += 1;
  expect(live.expireMessages(world)).toBe(2);
  expect(told.at(-1)).toMatchObject({ _: 'updateDeleteMessages', messages: [one.id, two.id], pts_count: 2 });
  expect(recorded(alice, one.id).deleted).toEqual({ at: clock.now, reason: 'auto-delete' });
  expect(recorded(alice, stays.id).deleted).toBeUndefined();
});

test('topics are created, renamed, closed, pinned and deleted', () => {
  const { world, forum, told, recorded, ask } = setUp();
  forum.addMessage({ text: 'in the topic General, which has the id 1' });
  const topic = live.createTopic(forum, 'Kittens');
  const inside = forum.addMessage({ text: 'meow', replyTo: { id: topic.id, forumTopic: true } });
  const outside = forum.addMessage({ text: 'hello' });
  live.editTopic(forum, topic.id, { title: 'Cats', closed: true });
  const edit = { _: 'messageActionTopicEdit', title: 'Cats', closed: true };
  expect(told.at(-1)).toMatchObject({ message: { action: edit } });
  live.pinTopic(forum, topic.id);
  expect(told.at(-1)).toMatchObject({ _: 'updateChannelPinnedTopic', topic_id: topic.id, pinned: true });
  const list = (): unknown =>
    ask('channels.getForumTopics', { channel: inputChannel(world, forum.id), limit: 10, offset_topic: 0 })['topics'];
  expect(list()).toMatchObject([{ id: topic.id, title: 'Cats', closed: true }]);
  live.deleteTopic(forum, topic.id);
  expect(told.at(-1)).toMatchObject({
    _: 'updateDeleteChannelMessages',
    messages: [topic.id, inside.id, outside.id + 1],
  });
  expect(list()).toEqual([]);
  expect(recorded(forum, inside.id).deleted?.reason).toBe('topic');
  expect(recorded(forum, outside.id).deleted).toBeUndefined();
});

test('the account leaves, joins, is banned and let in again', () => {
  const { world, cats, group, told, ask } = setUp();
  cats.addMessage();
  const channels = (): unknown => ask('channels.getChannels', { id: [inputChannel(world, cats.id)] })['chats'];
  live.leave(cats);
  expect(told.at(-1)).toEqual({ _: 'updateChannel', channel_id: cats.bareId });
  expect(channels()).toMatchObject([{ _: 'channel', left: true }]);
  live.join(cats);
  expect(cats.listed && cats.readable).toBe(true);
  live.ban(cats);
  expect(channels()).toMatchObject([{ _: 'channelForbidden' }]);
  live.unban(cats);
  expect(channels()).toMatchObject([{ _: 'channel' }]);
  live.leave(group);
  expect(told.at(-1)).toEqual({ _: 'updateChat', chat_id: group.bareId });
  expect(group.readable).toBe(false);
  expect(world.record.events.map((it) => it.what)).toEqual(['leave', 'join', 'ban', 'unban', 'leave']);
});

test('older history is hidden, also by id, and not deleted', async () => {
  const { world, cats, told, ask, recorded } = setUp();
  cats.addMessages(5);
  live.hideHistory(cats, 3);
  expect(told.at(-1)).toMatchObject({ _: 'updateChannelAvailableMessages', available_min_id: 3 });
  const channel = inputChannel(world, cats.id);
  const byId = ask('channels.getMessages', { channel, id: [3, 4].map((id) => ({ _: 'inputMessageID', id })) });
  expect(Object.fromEntries((byId['messages'] as TlObject[]).map((it) => [it['id'], it._]))).toEqual({
    3: 'messageEmpty',
    4: 'message',
  });
  const offsets = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };
  const history = ask('messages.getHistory', { peer: inputPeer(world, cats.id), ...offsets });
  expect((history['messages'] as TlObject[]).map((it) => it['id'])).toEqual([5, 4]);
  expect(ask('channels.getFullChannel', { channel })['full_chat']).toMatchObject({ available_min_id: 3 });
  expect((await world.inventory()).messages.map((it) => it.id)).toEqual([4, 5]);
  expect(recorded(cats, 1).deleted).toBeUndefined();
});

test('a basic group becomes a supergroup', () => {
  const { world, group, told } = setUp();
  group.addMessage({ text: 'before' });
  const next = world.migrate(group);
  expect(told.slice(1)).toMatchObject([
    { message: { action: { _: 'messageActionChannelMigrateFrom', chat_id: group.bareId } } },
    { message: { action: { _: 'messageActionChatMigrateTo', channel_id: next.bareId } } },
    { _: 'updateChannel', channel_id: next.bareId },
  ]);
  expect(world.record.events).toMatchObject([{ what: 'migrate', chatId: group.id }]);
});

test('names change: of a user clients are told the names, of a chat only that it changed', () => {
  const { alice, cats, told, ask } = setUp();
  live.renameUser(alice, { firstName: 'Alicia', username: 'alicia' });
  expect(told.at(-1)).toMatchObject({ _: 'updateUserName', first_name: 'Alicia', usernames: [{ username: 'alicia' }] });
  live.renameChat(cats, 'Dogs');
  expect(told.at(-1)).toEqual({ _: 'updateChannel', channel_id: cats.bareId });
  const channel = inputChannel(cats.world, cats.id);
  expect(ask('channels.getChannels', { id: [channel] })).toMatchObject({ chats: [{ title: 'Dogs' }] });
  expect(() => live.renameUser(cats, { firstName: 'x' })).toThrow('no user');
});

test('media that were viewed once are gone, and the record knows what they were', async () => {
  const { world, alice, told, recorded } = setUp();
  const photo = world.addPhoto();
  const { id } = alice.addMessage({ media: { _: 'messageMediaPhoto', photo, ttl_seconds: 5 } });
  const { photo: shown } = (told.at(-1)!['message'] as { media: { photo: TlObject } }).media;
  live.expireMedia(alice, id);
  const after = told.at(-1)!;
  expect(after).toMatchObject({ _: 'updateEditMessage', message: { edit_hide: true, media: { ttl_seconds: 5 } } });
  expect((after['message'] as { media: TlObject }).media).not.toHaveProperty('photo');
  expect(world.references.judge(photo, shown['file_reference'] as Uint8Array)).toBe('expired');
  expect(recorded(alice, id).versions).toMatchObject([{ media: [{ kind: 'photo', id: photo.id }] }]);
  expect(() => live.expireMedia(alice, alice.addMessage({ photo }).id)).toThrow('for ever');
});

test('media that were paid for are shown, and clients learn of it without a step of the sequence', () => {
  const { world, cats, told } = setUp();
  const preview = { _: 'messageExtendedMediaPreview', w: 1, h: 1 };
  const { id } = cats.addMessage({
    media: { _: 'messageMediaPaidMedia', stars_amount: 1n, extended_media: [preview] },
  });
  live.openPaidMedia(cats, id, [{ _: 'messageMediaPhoto', photo: world.addPhoto() }]);
  expect(told.at(-1)).toMatchObject({
    _: 'updateMessageExtendedMedia',
    msg_id: id,
    extended_media: [{ media: { photo: { _: 'photo' } } }],
  });
  expect(cats.log.pts).toBe(2);
});
