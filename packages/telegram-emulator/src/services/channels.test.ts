/** Users, groups and channels by id: full forms, names, topics, migration and access hashes. */
import { describe, expect, test } from 'vitest';
import type { TlObject } from '../tl/value.js';
import { directClient, inputChannel } from '../world/direct-client.js';
import { generateWorld } from '../world/generate/generate-world.js';
import { World } from '../world/world.js';

const world = generateWorld({ seed: 'channels', messages: 600, files: 200 });
const ask = directClient(world);
const alice = world.chat('Alice Winter');
const inputUser = (access_hash = alice.accessHash): TlObject => ({
  _: 'inputUser',
  user_id: alice.bareId,
  access_hash,
});

describe('users', () => {
  test('can be read by id and access hash, also in full', () => {
    const users = ask('users.getUsers', { id: [{ _: 'inputUserSelf' }, inputUser(), inputUser(1n)] });
    expect(users).toMatchObject([
      { self: true, id: world.account.userId },
      { first_name: 'Alice' },
      { _: 'userEmpty' },
    ]);
    const full = ask('users.getFullUser', { id: inputUser() });
    expect(full).toMatchObject({ full_user: { profile_photo: { _: 'photo' } }, users: [{ id: alice.bareId }] });
    expect(() => ask('users.getFullUser', { id: inputUser(1n) })).toThrow('USER_ID_INVALID');
    expect((ask('contacts.getContacts', { hash: 0n })['users'] as TlObject[]).length).toBeGreaterThan(3);
  });

  test('can be found by name, like channels', () => {
    const found = ask('contacts.resolveUsername', { username: 'Cat_Pictures' });
    expect(found).toMatchObject({
      peer: { channel_id: world.chat('Cat Pictures').bareId },
      chats: [{ title: 'Cat Pictures' }],
    });
    expect(() => ask('contacts.resolveUsername', { username: 'nobody_here' })).toThrow('USERNAME_NOT_OCCUPIED');
    expect(() => ask('contacts.resolveUsername', { username: '4cats' })).toThrow('USERNAME_INVALID');
    expect(() => ask('contacts.resolveUsername', { username: 'no way' })).toThrow('USERNAME_INVALID');
  });

  test('a username belongs to one chat, and may pass to another', () => {
    const own = new World();
    const [first, next] = [own.addChannel({ title: 'First', username: 'daily' }), own.addUser({ title: 'Next' })];
    const whose = () => directClient(own)('contacts.resolveUsername', { username: 'daily' })['peer'];
    expect(whose()).toMatchObject({ channel_id: first.bareId });
    own.rename(next, 'Daily');
    expect(whose()).toMatchObject({ user_id: next.bareId });
    expect([first.username, next.user?.toTl()['username']]).toEqual([undefined, 'Daily']);
  });
});

describe('groups and channels', () => {
  const group = world.chats.find((it) => it.migratedTo);
  const next = group?.migratedTo;
  if (!group || !next) throw new Error('no group has moved');

  test('show both sides of a migration', () => {
    const { chats } = ask('messages.getChats', { id: [group.bareId] }) as unknown as { chats: TlObject[] };
    const migrated_to = { channel_id: next.bareId, access_hash: next.accessHash };
    expect(chats).toMatchObject([{ deactivated: true, migrated_to }]);
    const full = ask('channels.getFullChannel', { channel: inputChannel(world, next.id) });
    expect(full['full_chat']).toMatchObject({
      migrated_from_chat_id: group.bareId,
      migrated_from_max_id: group.store.topId,
    });
    expect((full['chats'] as TlObject[]).map((it) => it['id'])).toContain(group.bareId);
    expect(group.store.at(group.store.size - 1).action?._).toBe('messageActionChatMigrateTo');
    expect(next.store.at(0).action?._).toBe('messageActionChannelMigrateFrom');
  });

  test('can be read in full', () => {
    const family = world.chat('Family');
    const full = ask('messages.getFullChat', { chat_id: family.bareId });
    const { participants } = full['full_chat'] as { participants: { participants: TlObject[] } };
    expect(participants.participants).toHaveLength(5);
    expect((full['users'] as TlObject[]).map((it) => it['id'])).toContain(alice.bareId);
    expect(() => ask('messages.getFullChat', { chat_id: 1n })).toThrow('CHAT_ID_INVALID');
    const recipes = ask('channels.getFullChannel', { channel: inputChannel(world, world.chat('Daily Recipes').id) });
    expect(recipes['full_chat']).toMatchObject({ linked_chat_id: world.chat('Recipe Talk').bareId });
  });

  test('cannot be read with a wrong access hash, nor after being removed', () => {
    const garden = inputChannel(world, world.chat('Secret Garden').id);
    expect(ask('channels.getChannels', { id: [garden] })['chats']).toMatchObject([{ _: 'channelForbidden' }]);
    expect(() => ask('channels.getFullChannel', { channel: garden })).toThrow('CHANNEL_PRIVATE');
    const wrong = { ...garden, access_hash: 5n };
    expect(() => ask('channels.getFullChannel', { channel: wrong })).toThrow('CHANNEL_INVALID');
    expect(() => ask('channels.getChannels', { id: [wrong] })).toThrow('CHANNEL_INVALID');
    const hashes = world.chats.map((it) => it.accessHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('have topics if they are forums', () => {
    const forum = world.chat('Makers’ Forum');
    const query = { channel: inputChannel(world, forum.id), offset_date: 0, offset_id: 0, offset_topic: 0, limit: 100 };
    const all = ask('channels.getForumTopics', query);
    const topics = all['topics'] as TlObject[];
    expect(topics.map((it) => it['title'])).toContain('Woodwork');
    expect(all['count']).toBe(forum.topics.length);
    const top = topics.at(-2);
    const one = ask('channels.getForumTopicsByID', { channel: query.channel, topics: [top?.['id']] });
    expect(one['topics']).toMatchObject([{ id: top?.['id'] }]);
    const channel = inputChannel(world, world.chat('Cat Pictures').id);
    expect(() => ask('channels.getForumTopics', { ...query, channel })).toThrow('CHANNEL_FORUM_MISSING');
  });
});
