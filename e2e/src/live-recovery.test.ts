/** After an outage of any length the archive is true again, whatever the server still remembers, and channels that are not pushed are followed. */
import { pin } from '@tgsync/telegram-emulator';
import { patience, test } from '@tgsync/testing';
import { describe, expect, vi } from 'vitest';
import { calls, isTrue, texts, untilLive } from './live-fleet.js';

describe('more has happened than the server remembers', () => {
  test.for(['addChannel', 'addUser', 'addGroup'] as const)(
    '%s: what is new is read from the history, and edits and deletions in the hole are found by a recheck',
    { tags: 'thorough' },
    async (kind, { world, telegram, archive, fleet, db }) => {
      Object.assign(world.boxes, { size: 20, channelSize: 20 });
      const chat = world[kind]({ title: 'News' });
      const [edited, deleted] = ['old', 'older', 'oldest'].map((text) => chat.addMessage({ text }));
      const worker = await untilLive({ archive, fleet, db }, [chat]);
      await vi.waitUntil(async () => (await db.message.count()) === 3, patience);
      await fleet.kill(worker);
      chat.editMessage(edited!.id, { text: 'edited in the hole' });
      chat.deleteMessage(deleted!.id);
      for (let index = 0; index < 150; index++) chat.addMessage({ text: `${index}` });
      fleet.start('fetch-worker');
      await isTrue(world, db);
      expect(await db.coverage.count({ where: { chatId: chat.id } })).toBe(1);
      // And it is live again.
      const before = calls(telegram, 'messages.getHistory');
      chat.addMessage({ text: 'live' });
      await isTrue(world, db);
      expect(calls(telegram, 'messages.getHistory')).toBe(before);
    },
  );

  test.for(['addChannel', 'addUser'] as const)(
    '%s: what was pinned and unpinned meanwhile is asked for once, before everything is read again',
    { tags: 'thorough' },
    async (kind, { world, telegram, archive, fleet, db }) => {
      Object.assign(world.boxes, { size: 20, channelSize: 20 });
      const chat = world[kind]({ title: 'News' });
      const ids = chat.addMessages(120).map((it) => it.id);
      pin(chat, ids.slice(0, 2));
      const worker = await untilLive({ archive, fleet, db }, [chat]);
      await vi.waitUntil(async () => (await db.message.count()) === 120, patience);
      await fleet.kill(worker);
      pin(chat, ids.slice(0, 1), false);
      pin(chat, ids.slice(2, 4));
      for (let index = 0; index < 50; index++) chat.addMessage({ text: `${index}` });
      fleet.start('fetch-worker');
      expect(await fleet.until((it) => it.msg === 'pinned messages searched')).toMatchObject({ pinned: 3, changed: 3 });
      const pinned = await db.$queryRaw`SELECT id FROM message WHERE raw @> '{"pinned": true}' ORDER BY id`;
      expect(pinned).toEqual(ids.slice(1, 4).map((id) => ({ id: BigInt(id) })));
      await isTrue(world, db);
      expect(calls(telegram, 'messages.search')).toBe(2); // the second finds no more
      expect(await db.messageVersion.count()).toBe(0);
      expect(await db.dialog.count({ where: { pinsDue: { not: null } } })).toBe(0);
    },
  );
});

test.for(['updates.getDifference', 'updates.getChannelDifference'])(
  '%s is refused, as the server has forgotten: it begins again from the present',
  { tags: 'thorough' },
  async (method, { world, telegram, archive, fleet, db }) => {
    const chats = [world.addChannel({ title: 'News' }), world.addUser({ title: 'Ann' })];
    for (const it of chats) it.addMessage({ text: 'old' });
    await fleet.kill(await untilLive({ archive, fleet, db }, chats));
    for (const it of chats) it.addMessage({ text: 'meanwhile' });
    const error = { kind: 'error', code: 400, message: 'PERSISTENT_TIMESTAMP_INVALID', times: 1 } as const;
    telegram.faults.add({ method, ...error });
    fleet.start('fetch-worker');
    await isTrue(world, db);
    for (const it of chats) it.addMessage({ text: 'live' });
    await isTrue(world, db);
  },
);

test(
  'a server that forgets again and again is asked less and less often',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addUser({ title: 'Ann' });
    chat.addMessage({ text: 'old' });
    await fleet.kill(await untilLive({ archive, fleet, db }, [chat]));
    const method = 'updates.getDifference';
    const before = calls(telegram, method);
    const fault = telegram.faults.add({ method, kind: 'error', code: 400, message: 'PERSISTENT_TIMESTAMP_INVALID' });
    fleet.start('fetch-worker');
    await fleet.until((it) => it.msg === 'could not ask for missed updates; retrying');
    expect(calls(telegram, method) - before).toBeLessThan(10);
    fault.remove();
    chat.addMessage({ text: 'new' });
    await isTrue(world, db);
  },
);

test(
  'updates that Postgres cannot apply now are tried again, less and less often',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessage({ text: 'old' });
    await untilLive({ archive, fleet, db }, [chat]);
    await db.$executeRaw`CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE 'not now' USING ERRCODE = 'insufficient_resources'; END $$`;
    await db.$executeRaw`CREATE TRIGGER fails BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION fails()`;
    chat.addMessage({ text: 'refused' });
    const pauses = () =>
      fleet.log
        .filter((it) => it.msg === 'stopped applying updates; starting again from what is stored')
        .map((it) => Number(it['retryInMs']));
    await vi.waitUntil(() => pauses().length >= 3, patience);
    expect(pauses()[2]).toBeGreaterThan(2500);
    await db.$executeRaw`DROP TRIGGER fails ON message`;
    await isTrue(world, db);
  },
);

test(
  'a message that Postgres refuses holds up no other, pushed or in a difference',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const [news, ann] = [world.addChannel({ title: 'News' }), world.addUser({ title: 'Ann' })];
    for (const it of [news, ann]) it.addMessage({ text: 'old' });
    const worker = await untilLive({ archive, fleet, db }, [news, ann]);
    await db.$executeRaw`ALTER TABLE message ADD CONSTRAINT refused CHECK (message <> 'refused')`;
    for (const it of [news, ann]) for (const text of ['before', 'refused', 'after']) it.addMessage({ text });
    const are = async (...expected: string[]) => {
      for (const it of [news, ann])
        await vi.waitFor(async () => expect(await texts(db, it.id)).toEqual(expected), patience);
    };
    await are('old', 'before', 'after');
    await fleet.kill(worker);
    for (const it of [news, ann]) for (const text of ['refused', 'meanwhile']) it.addMessage({ text });
    fleet.start('fetch-worker');
    await are('old', 'before', 'after', 'meanwhile');
    const refused = fleet.log.filter((it) => it.msg === 'cannot be stored; left out and tried again in a day');
    expect(refused).toHaveLength(4);
    expect(refused[0]).toMatchObject({
      what: 'message',
      reason: expect.stringContaining('check constraint') as string,
    });
    expect(fleet.log.some((it) => it.msg.startsWith('stopped applying updates'))).toBe(false);
  },
);

test(
  'what a difference of a channel tells of another one is dropped, with a warning',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const [news, cats] = [world.addChannel({ title: 'News' }), world.addChannel({ title: 'Cats' })];
    for (const it of [news, cats]) it.addMessages(2, () => ({ text: 'old' }));
    await untilLive({ archive, fleet, db }, [news, cats]);
    world.misplaced.set(news, cats);
    const silence = telegram.pushes.fault({ kind: 'drop', chat: cats });
    cats.addMessage({ text: 'dropped' });
    cats.deleteMessage(1);
    telegram.pushes.fault({ kind: 'drop', chat: news, times: 1 });
    for (const text of ['lost', 'after a gap']) news.addMessage({ text });
    const warned = await fleet.until((it) => it.msg.includes('came with some of another chat'));
    expect(warned).toMatchObject({
      dropped: expect.arrayContaining(['Message', 'UpdateDeleteChannelMessages']) as string[],
    });
    await vi.waitUntil(async () => (await texts(db, news.id)).length === 4, patience);
    expect(await texts(db, cats.id)).toEqual(['old', 'old']);
    expect(await db.message.count({ where: { deletedAt: { not: null } } })).toBe(0);
    silence.remove();
    cats.addMessage({ text: 'live' });
    await isTrue(world, db);
  },
);

test('a difference that the server cannot give now is asked for again, and other chats go on', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const [news, cats] = [world.addChannel({ title: 'News' }), world.addChannel({ title: 'Cats' })];
  for (const it of [news, cats]) it.addMessage({ text: 'old' });
  await untilLive({ archive, fleet, db }, [news, cats]);
  const away = telegram.faults.add({
    method: 'updates.getChannelDifference',
    kind: 'error',
    code: 500,
    message: 'PERSISTENT_TIMESTAMP_OUTDATED',
  });
  telegram.pushes.fault({ kind: 'drop', chat: news, times: 1 });
  news.addMessage({ text: 'lost' });
  news.addMessage({ text: 'after a gap' });
  cats.addMessage({ text: 'pushed' });
  await vi.waitUntil(async () => (await db.message.count({ where: { chatId: cats.id } })) === 2, patience);
  expect(await db.message.count({ where: { chatId: news.id } })).toBe(1);
  away.remove();
  await isTrue(world, db);
});

test(
  'a difference that fails between its pieces goes on where it was',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const news = world.addChannel({ title: 'News' });
    news.addMessage({ text: 'old' });
    await fleet.kill(await untilLive({ archive, fleet, db }, [news]), 'SIGTERM');
    news.addMessages(250);
    const refused = { kind: 'error', code: 500, message: 'PERSISTENT_TIMESTAMP_OUTDATED', skip: 1, times: 1 } as const;
    telegram.faults.add({ method: 'updates.getChannelDifference', ...refused });
    fleet.start('fetch-worker');
    await isTrue(world, db);
  },
);

describe('a channel that is never pushed', () => {
  test(
    'is found behind by a survey, and then followed by asking it again and again',
    { tags: 'thorough' },
    async ({ world, telegram, archive, fleet, db }) => {
      const chat = world.addChannel({ title: 'Huge' });
      chat.addMessage({ text: 'old' });
      telegram.pushes.fault({ kind: 'drop', chat });
      await untilLive({ archive, fleet, db }, [chat], { tg: { sync_interval: 2 } });
      for (const text of ['first', 'second', 'third']) {
        const message = chat.addMessage({ text });
        await isTrue(world, db);
        chat.editMessage(message.id, { text: `${text}, edited` });
        await isTrue(world, db);
      }
      expect(await db.messageVersion.count()).toBe(3);
    },
  );
});

test('with "live": false new messages are found by surveys only', async ({ world, telegram, archive, fleet, db }) => {
  const chat = world.addChannel({ title: 'News' });
  chat.addMessage({ text: 'old' });
  archive.configure({ [`${chat.id}`]: {} }, { tg: { sync_interval: 1, live: false } });
  for (const app of ['fetch-worker', 'scheduler'] as const) fleet.start(app);
  await vi.waitUntil(async () => (await db.message.count()) === 1, patience);
  chat.addMessage({ text: 'new' });
  await vi.waitUntil(async () => (await db.message.count()) === 2, patience);
  expect(calls(telegram, 'updates.getDifference')).toBe(0);
  expect(await db.account.findFirst()).toMatchObject({ live: false });
});

test.for(['addChannel', 'addUser'] as const)(
  '%s: what this version cannot read in a difference hides nothing else',
  { tags: 'thorough' },
  async (kind, { world, archive, fleet, db }) => {
    const chat = world[kind]({ title: 'News' });
    const [edited, deleted] = [chat.addMessage({ text: 'one' }), chat.addMessage({ text: 'two' })];
    chat.addMessages(30);
    await fleet.kill(await untilLive({ archive, fleet, db }, [chat]), 'SIGTERM');
    chat.addMessages(30);
    chat.addMessage({ text: 'newer', newer: { part: 'media', constructorId: 0x12345678 } });
    chat.editMessage(edited.id, { text: 'edited' });
    chat.deleteMessage(deleted.id);
    chat.addMessages(3);
    fleet.start('fetch-worker');
    await isTrue(world, db);
    expect(await db.message.count({ where: { chatId: chat.id, mapped: false } })).toBe(1);
    // And it is live again.
    chat.addMessage({ text: 'live' });
    await isTrue(world, db);
  },
);

test(
  'what could not be read for a while does not make every later difference a small one',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addUser({ title: 'Ann' });
    chat.addMessage({ text: 'old' });
    await fleet.kill(await untilLive({ archive, fleet, db }, [chat]), 'SIGTERM');
    const { id } = chat.addMessage({ text: 'newer', document: world.addDocument({ dc: 2, size: 10, name: 'a.txt' }) });
    const readable = world.newer.message(chat, id, { constructorId: 0x12345678 });
    const limits: unknown[] = [];
    telegram.onCall(({ method, query }) => {
      if (method !== 'updates.getDifference') return;
      limits.push(query['pts_limit']);
      if (query['pts_limit'] !== undefined) readable();
    });
    fleet.start('fetch-worker');
    await isTrue(world, db);
    expect(limits).toEqual([undefined, 10]);
    telegram.pushes.tooLong();
    await vi.waitUntil(() => limits.length > 2, patience);
    expect(limits).toEqual([undefined, 10, undefined]);
  },
);
