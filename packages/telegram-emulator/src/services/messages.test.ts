/** Reading messages: pages of a history, messages by id, search, and the peers that come with an answer. */
import { describe, expect, test } from 'vitest';
import { RpcError } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { directClient, inputChannel, inputPeer } from '../world/direct-client.js';
import { World } from '../world/world.js';

const page = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };

function setUp() {
  const world = new World();
  const cats = world.addChannel({ title: 'Cats' });
  cats.addMessages(250);
  const ask = directClient(world);
  const history = (more: Partial<typeof page>, chat = cats): TlObject =>
    ask('messages.getHistory', { ...page, peer: inputPeer(world, chat.id), ...more });
  const ids = (answer: TlObject): number[] => (answer['messages'] as TlObject[]).map((it) => it['id'] as number);
  return { world, cats, ask, history, ids };
}

const range = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, index) => from - index);

describe('messages.getHistory', () => {
  test('returns the newest first, at most a hundred, and the total count', () => {
    const { history, ids } = setUp();
    const answer = history({ limit: 1000 });
    expect(ids(answer)).toEqual(range(250, 151));
    expect(answer).toMatchObject({ _: 'messages.channelMessages', count: 250 });
    expect(ids(history({ limit: 0 }))).toHaveLength(20);
  });

  test('continues below offset_id (exclusive), even if that message was deleted', () => {
    const { cats, history, ids } = setUp();
    cats.deleteMessage(151);
    expect(ids(history({ offset_id: 151, limit: 3 }))).toEqual([150, 149, 148]);
    expect(ids(history({ offset_id: 3 }))).toEqual([2, 1]);
    expect(ids(history({ offset_id: 1 }))).toEqual([]);
  });

  test('moves the window by add_offset, and cuts it at both ends', () => {
    const { history, ids } = setUp();
    expect(ids(history({ offset_id: 100, add_offset: -1, limit: 1 }))).toEqual([100]);
    expect(ids(history({ offset_id: 100, add_offset: -3, limit: 5 }))).toEqual([102, 101, 100, 99, 98]);
    expect(ids(history({ offset_id: 100, add_offset: 2, limit: 2 }))).toEqual([97, 96]);
    expect(ids(history({ offset_id: 249, add_offset: -5, limit: 5 }))).toEqual([250, 249]);
    expect(ids(history({ offset_id: 251, add_offset: -1, limit: 1 }))).toEqual([]);
    expect(ids(history({ offset_id: 9999, add_offset: -1, limit: 1 }))).toEqual([]);
    expect(ids(history({ add_offset: 249, limit: 50 }))).toEqual([1]);
    expect(ids(history({ add_offset: 300 }))).toEqual([]);
  });

  test('filters the page by max_id and min_id, both exclusive', () => {
    const { history, ids } = setUp();
    expect(ids(history({ offset_id: 100, limit: 10, min_id: 95 }))).toEqual([99, 98, 97, 96]);
    expect(ids(history({ offset_id: 100, limit: 10, max_id: 95 }))).toEqual([94, 93, 92, 91, 90]);
    expect(ids(history({ limit: 100, max_id: 100 }))).toEqual([]);
  });

  test('starts before offset_date', () => {
    const { cats, history, ids } = setUp();
    const date = cats.store.get(40)?.date ?? 0;
    expect(ids(history({ offset_date: date, limit: 2 }))).toEqual([39, 38]);
    expect(ids(history({ offset_date: date + 1, limit: 2 }))).toEqual([40, 39]);
  });

  test('answers private chats and basic groups by whether the page is complete', () => {
    const { world, history, ids } = setUp();
    const alice = world.addUser({ title: 'Alice Winter' });
    const family = world.addGroup({ title: 'Family', members: [alice] });
    alice.addMessage({ text: 'one' });
    family.addMessage({ text: 'two', from: alice });
    const own = alice.addMessage({ text: 'three', from: world.account.userId });
    family.addMessages(100);
    const talk = history({}, alice);
    expect(talk._).toBe('messages.messages');
    expect(ids(talk)).toEqual([own.id, 1]);
    expect(talk['messages']).toMatchObject([
      { out: true, from_id: { user_id: world.account.userId } },
      { message: 'one' },
    ]);
    expect((talk['messages'] as TlObject[])[1]?.['from_id']).toBeUndefined();
    expect(history({}, family)).toMatchObject({ _: 'messages.messagesSlice', count: 101 });
    expect(ids(history({ offset_id: 3 }, family))).toEqual([2]);
  });

  test('includes everybody whom the messages mention', () => {
    const { world, cats, history } = setUp();
    const alice = world.addUser({ title: 'Alice Winter' });
    const bruno = world.addUser({ title: 'Bruno Keller' });
    const news = world.addChannel({ title: 'News', left: true });
    const bot = world.addUser({ title: 'Bot', bot: true });
    cats.addMessage({ forward: { from: news, date: 5, savedFrom: alice, savedFromId: 1 }, viaBot: bot });
    cats.addMessage({ action: { _: 'messageActionChatAddUser', users: [bruno.bareId] } });
    const { users, chats } = history({ limit: 2 }) as unknown as Record<string, TlObject[]>;
    expect(users?.map((it) => it['id']).sort()).toEqual([alice.bareId, bruno.bareId, bot.bareId].sort());
    expect(chats?.map((it) => it['title']).sort()).toEqual(['Cats', 'News']);
  });

  test('refuses chats that the account may not read, and wrong access hashes', () => {
    const { world, cats, history, ask } = setUp();
    const peer = inputPeer(world, cats.id);
    const refused =
      (peer: TlObject): (() => unknown) =>
      () =>
        ask('messages.getHistory', { ...page, peer });
    expect(refused({ ...peer, access_hash: 1n })).toThrow(new RpcError(400, 'CHANNEL_INVALID'));
    expect(refused({ ...peer, channel_id: 1n })).toThrow('CHANNEL_INVALID');
    expect(refused({ _: 'inputPeerChat', chat_id: 1n })).toThrow('PEER_ID_INVALID');
    expect(refused({ _: 'inputPeerEmpty' })).toThrow('PEER_ID_INVALID');
    expect(refused({ _: 'inputPeerUser', user_id: world.account.userId, access_hash: 1n })).toThrow('PEER_ID_INVALID');
    cats.removed = true;
    expect(() => history({})).toThrow('CHANNEL_PRIVATE');
    expect(() => ask('messages.getHistory', { ...page, peer }, { login: undefined })).toThrow(
      new RpcError(401, 'AUTH_KEY_UNREGISTERED'),
    );
    expect(() => ask('messages.getHistory', { ...page, peer }, { dc: 4 })).toThrow(new RpcError(303, 'USER_MIGRATE_2'));
  });

  test('has a gap where a message was deleted, and shows an edit', () => {
    const { cats, history, ids } = setUp();
    cats.deleteMessage(249);
    cats.editMessage(250, { text: 'new words' });
    const answer = history({ limit: 2 });
    expect(ids(answer)).toEqual([250, 248]);
    expect(answer['messages']).toMatchObject([{ message: 'new words', edit_date: expect.any(Number) as number }, {}]);
    expect(cats.addMessage().id).toBe(251);
  });
});

describe('messages by id', () => {
  const byId = (...ids: number[]): TlObject[] => ids.map((id) => ({ _: 'inputMessageID', id }));

  test('missing ones are empty, and the order is not that of the request', () => {
    const { world, cats, ask, ids } = setUp();
    cats.deleteMessage(7);
    for (const asked of [
      [1, 2, 3, 4, 5],
      [9, 8, 7, 6, 5],
      [3, 1],
    ]) {
      const answer = ask('channels.getMessages', { channel: inputChannel(world, cats.id), id: byId(...asked) });
      expect(ids(answer)).not.toEqual(asked);
      expect(ids(answer).sort()).toEqual(asked.toSorted());
      for (const it of answer['messages'] as TlObject[]) expect(it._).toBe(it['id'] === 7 ? 'messageEmpty' : 'message');
    }
  });

  test('private chats and basic groups share one id sequence, and channels do not', () => {
    const { world, ask } = setUp();
    const alice = world.addUser({ title: 'Alice' });
    const family = world.addGroup({ title: 'Family' });
    alice.addMessage({ text: 'a' });
    family.addMessage({ text: 'b' });
    const { messages } = ask('messages.getMessages', { id: byId(1, 2, 3, 250) }) as unknown as { messages: TlObject[] };
    const found = Object.fromEntries(messages.map((it) => [it['id'] as number, it['message'] ?? it._]));
    expect(found).toEqual({ 1: 'a', 2: 'b', 3: 'messageEmpty', 250: 'messageEmpty' });
  });

  test('replied-to and pinned messages can be read, at most a hundred', () => {
    const { world, cats, ask, ids } = setUp();
    const reply = cats.addMessage({ replyTo: 5 });
    const pinned = cats.addMessage({ pinned: true });
    const channel = inputChannel(world, cats.id);
    const get = (id: TlObject[]): TlObject => ask('channels.getMessages', { channel, id });
    expect(ids(get([{ _: 'inputMessageReplyTo', id: reply.id }]))).toEqual([5]);
    expect(ids(get([{ _: 'inputMessagePinned' }]))).toEqual([pinned.id]);
    expect(() => get(byId(...range(101, 1)))).toThrow('MSG_ID_INVALID');
    expect(() => get([])).toThrow('MESSAGE_IDS_EMPTY');
  });
});

describe('messages.search', () => {
  const any = { _: 'inputMessagesFilterEmpty' };

  test('finds by text, sender and kind, and counts', () => {
    const { world, ask, ids } = setUp();
    const club = world.addSupergroup({ title: 'Club' });
    const alice = world.addUser({ title: 'Alice' });
    club.addMessages(5, () => ({ text: 'Good morning', from: alice }));
    club.addMessage({ photo: world.addPhoto(), text: 'morning light' });
    club.addMessage({ document: world.addDocument(), action: undefined });
    const base = { peer: inputPeer(world, club.id), q: '', filter: any, min_date: 0, max_date: 0, ...page };
    const search = (more: object): number[] => ids(ask('messages.search', { ...base, ...more }));
    expect(search({ q: 'MORNING' })).toEqual([6, 5, 4, 3, 2, 1]);
    expect(search({ q: 'morning', limit: 2, offset_id: 5 })).toEqual([4, 3]);
    expect(search({ from_id: inputPeer(world, alice.id) })).toEqual([5, 4, 3, 2, 1]);
    expect(search({ filter: { _: 'inputMessagesFilterPhotos' } })).toEqual([6]);
    const filters = ['Photos', 'Document', 'Video'].map((it) => ({ _: `inputMessagesFilter${it}` }));
    const counters = ask('messages.getSearchCounters', { peer: base.peer, filters }) as unknown as TlObject[];
    expect(counters.map((it) => it['count'])).toEqual([1, 1, 0]);
  });
});
