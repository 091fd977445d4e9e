/** What becomes of chats is known at once: topics, rights, names and groups that become supergroups; and peers stay what they are. */
import type { BareDb } from '@tgsync/shared/db/bare';
import {
  ban,
  createTopic,
  deleteTopic,
  editTopic,
  expireMessages,
  join,
  renameChat,
  renameUser,
  setTtl,
  unban,
} from '@tgsync/telegram-emulator';
import { patience, test } from '@tgsync/testing';
import { describe, expect, vi } from 'vitest';
import { rarely, untilLive } from './live-fleet.js';

const texts = async (db: BareDb, chatId: bigint) =>
  (await db.message.findMany({ where: { chatId, action: null }, orderBy: { id: 'asc' } })).map((it) => it.message);
const says = (db: BareDb, chatId: bigint, expected: string[]) =>
  vi.waitFor(async () => expect(await texts(db, chatId)).toEqual(expected), patience);
const dialogOf = async (db: BareDb, chatId: bigint) => await db.dialog.findFirst({ where: { chatId } });

test('a topic is created, renamed, closed and hidden; a topic whose first message is deleted is deleted', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const forum = world.addSupergroup({ title: 'Forum', forum: true });
  forum.addMessage({ text: 'hello' });
  await untilLive({ archive, fleet, db }, [forum]);
  const { id } = createTopic(forum, 'Cats');
  const is = (expected: object) =>
    vi.waitFor(
      async () => expect(await db.topic.findFirst({ where: { id: BigInt(id) } })).toMatchObject(expected),
      patience,
    );
  await is({ title: 'Cats', closed: false, hidden: false });
  editTopic(forum, id, { title: 'Kittens', closed: true });
  await is({ title: 'Kittens', closed: true, hidden: false });
  editTopic(forum, id, { closed: false, hidden: true });
  await is({ title: 'Kittens', closed: false, hidden: true });
  forum.addMessage({ text: 'meow', replyTo: { id, forumTopic: true } });
  deleteTopic(forum, id);
  await vi.waitUntil(async () => (await db.topic.findFirst())?.deletedAt, patience);
  expect(await db.message.count({ where: { topicId: BigInt(id), deletedAt: null } })).toBe(0);
});

test(
  'a group migrated while we were away: both are linked, and the new one is read',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const group = world.addGroup({ title: 'Club' });
    group.addMessage({ text: 'old' });
    const next = 1_500_000_077n;
    const nextId = -1_000_000_000_000n - next;
    archive.configure({ [`${group.id}`]: {}, [`${nextId}`]: {} }, rarely);
    fleet.start('scheduler');
    const worker = fleet.start('fetch-worker');
    await says(db, group.id, ['old']);
    await vi.waitUntil(async () => (await dialogOf(db, nextId))?.state === 'unreadable', patience);
    await vi.waitUntil(async () => (await db.account.findFirst())?.live, patience);
    await fleet.kill(worker, 'SIGTERM');

    const supergroup = world.migrate(group, { id: next });
    supergroup.addMessage({ text: 'new' });
    fleet.start('fetch-worker');
    await says(db, nextId, ['new']);
    expect(await db.chat.findFirst({ where: { id: group.id } })).toMatchObject({ migratedTo: nextId });
    await vi.waitUntil(async () => (await dialogOf(db, nextId))?.liveTop, patience);
    supergroup.addMessage({ text: 'live' });
    await says(db, nextId, ['new', 'live']);
  },
);

describe.for(['addChannel', 'addGroup'] as const)('%s', (kind) => {
  const often = kind === 'addChannel' ? {} : { tags: 'thorough' };

  test(
    'rights lost: the chat is unreadable at once, with its reason; given back: it is read at once',
    often,
    async ({ world, archive, fleet, db }) => {
      const chat = world[kind]({ title: 'News' });
      chat.addMessage({ text: 'before' });
      await untilLive({ archive, fleet, db }, [chat]);
      ban(chat);
      await vi.waitUntil(async () => (await dialogOf(db, chat.id))?.state === 'unreadable', patience);
      expect(await dialogOf(db, chat.id)).toMatchObject({ stateReason: expect.stringContaining('removed') as string });
      chat.addMessage({ text: 'meanwhile' });
      unban(chat);
      await says(db, chat.id, ['before', 'meanwhile']);
      await vi.waitUntil(async () => (await dialogOf(db, chat.id))?.liveTop, patience);
      chat.addMessage({ text: 'after' });
      await says(db, chat.id, ['before', 'meanwhile', 'after']);
    },
  );
});

test('new names of people and chats', { tags: 'thorough' }, async ({ world, archive, fleet, db }) => {
  const [ann, news] = [world.addUser({ title: 'Ann Other', username: 'ann' }), world.addChannel({ title: 'News' })];
  for (const it of [ann, news]) it.addMessage({ text: 'hello' });
  await untilLive({ archive, fleet, db }, [ann, news]);
  renameUser(ann, { firstName: 'Anna', username: 'anna' });
  renameChat(news, 'Olds');
  const named = async (id: bigint) => await db.chat.findFirst({ where: { id } });
  await vi.waitFor(
    async () => expect(await named(ann.id)).toMatchObject({ title: 'Anna', username: 'anna' }),
    patience,
  );
  await vi.waitFor(async () => expect(await named(news.id)).toMatchObject({ title: 'Olds' }), patience);
  expect(await db.peer.findFirst({ where: { id: ann.id } })).toMatchObject({ name: 'Anna', username: 'anna' });
});

describe('peers in their min form', () => {
  test('a min sender after a full sender: message applied, name and hash kept', async ({
    world,
    archive,
    fleet,
    db,
  }) => {
    const [group, ann] = [world.addSupergroup({ title: 'Talk' }), world.addUser({ title: 'Ann Other' })];
    group.addMessage({ text: 'hello', from: ann });
    await untilLive({ archive, fleet, db }, [group]);
    world.min.peer(ann, { afterFull: false });
    world.min.peer(group, { afterFull: false });
    group.addMessage({ text: 'again', from: ann });
    await says(db, group.id, ['hello', 'again']);
    expect(await db.message.findFirst({ where: { message: 'again' } })).toMatchObject({ senderId: ann.id });
    expect(await db.peer.findFirst({ where: { id: ann.id } })).toMatchObject({ name: 'Ann Other' });
    expect(await db.peerAccess.findFirst({ where: { peerId: ann.id } })).toMatchObject({ accessHash: ann.accessHash });
    expect(await dialogOf(db, group.id)).toMatchObject({ accessHash: group.accessHash });
  });

  test('a channel known in its min form only: difference', async ({ world, telegram, archive, fleet, db }) => {
    const [news, secret] = [world.addChannel({ title: 'News' }), world.addChannel({ title: 'Secret', left: true })];
    news.addMessage({ text: 'hello' });
    archive.configure({ [`${news.id}`]: {}, [`${secret.id}`]: {} }, rarely);
    for (const app of ['fetch-worker', 'scheduler'] as const) fleet.start(app);
    await says(db, news.id, ['hello']);
    await vi.waitUntil(async () => (await dialogOf(db, secret.id))?.state === 'unreadable', patience);
    await vi.waitUntil(async () => (await db.account.findFirst())?.live, patience);
    expect(await dialogOf(db, secret.id)).toMatchObject({ accessHash: null });

    world.min.peer(secret, { afterFull: false });
    telegram.pushes.fault({ kind: 'drop', chat: secret, times: 1 });
    join(secret); // nobody is told
    const before = telegram.counters().calls['updates.getDifference'] ?? 0;
    secret.addMessage({ text: 'psst' });
    await says(db, secret.id, ['psst']);
    expect(telegram.counters().calls['updates.getDifference']).toBe(before + 1);
    expect(await dialogOf(db, secret.id)).toMatchObject({ accessHash: secret.accessHash });
  });
});

test(
  'the same id deleted in the account while a channel has a message of that id: channel untouched',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const [ann, news] = [world.addUser({ title: 'Ann' }), world.addChannel({ title: 'News' })];
    const { id } = ann.addMessage({ text: 'hers' });
    news.addMessage({ text: 'ours', id });
    await untilLive({ archive, fleet, db }, [ann, news]);
    ann.deleteMessage(id);
    await vi.waitUntil(async () => (await db.message.findFirst({ where: { chatId: ann.id } }))?.deletedAt, patience);
    const untouched = { id: BigInt(id), message: 'ours', deletedAt: null, deletedReason: null };
    expect(await db.message.findFirst({ where: { chatId: news.id } })).toMatchObject(untouched);
    news.deleteMessage(id);
    await vi.waitUntil(async () => (await db.message.count({ where: { deletedAt: { not: null } } })) === 2, patience);
  },
);

test(
  'what deletes itself is told apart from what somebody deleted',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    const plain = chat.addMessage({ text: 'plain' });
    await untilLive({ archive, fleet, db }, [chat]);
    setTtl(chat, 1);
    chat.addMessage({ text: 'soon gone', date: world.now() - 5 });
    await says(db, chat.id, ['plain', 'soon gone']);
    expireMessages(world);
    chat.deleteMessage(plain.id);
    const reasons = async () =>
      (await db.message.findMany({ where: { action: null }, orderBy: { id: 'asc' } })).map((it) => it.deletedReason);
    await vi.waitFor(async () => expect(await reasons()).toEqual(['deleted', 'auto-delete']), patience);
  },
);
