/** The rules of updates between a fleet and the server: which numbers move, what is asked for, and what nobody waits for. */
import { patience, test } from '@tgsync/testing';
import { resetPts, setViews } from '@tgsync/telegram-emulator';
import { describe, expect, vi } from 'vitest';
import { calls, isTrue, rarely, texts, untilLive } from './live-fleet.js';

/** Everything stored of messages, with the transaction that wrote each row. */
const rowsOf = `SELECT xmin::text, * FROM message ORDER BY chat_id, id`;

test(
  'updateReadChannelInbox with a pts far ahead moves nothing, and nothing is asked for',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessage({ text: 'old' });
    await untilLive({ archive, fleet, db }, [chat]);
    const before = [calls(telegram, 'updates.getChannelDifference'), calls(telegram, 'updates.getDifference')];
    const read = { channel_id: chat.bareId, max_id: 1, still_unread_count: 0, pts: chat.log.pts + 1000 };
    world.announce(chat, { _: 'updateReadChannelInbox', ...read });
    chat.addMessage({ text: 'new' });
    await vi.waitFor(async () => expect(await texts(db, chat.id)).toEqual(['old', 'new']), patience);
    expect((await db.chat.findFirst({ where: { id: chat.id } }))?.pts).toBe(chat.log.pts);
    expect([calls(telegram, 'updates.getChannelDifference'), calls(telegram, 'updates.getDifference')]).toEqual(before);
  },
);

test('a reconnect with nothing missed: one difference, and no row is written', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chat = world.addUser({ title: 'Ann' });
  chat.addMessages(5);
  await untilLive({ archive, fleet, db }, [chat]);
  const [rows, asked] = [await db.$queryRawUnsafe(rowsOf), calls(telegram, 'updates.getDifference')];
  telegram.dropConnections({ dc: world.account.homeDc });
  await vi.waitUntil(() => calls(telegram, 'updates.getDifference') > asked, patience);
  chat.addMessage({ text: 'the difference was answered' });
  await isTrue(world, db);
  expect(calls(telegram, 'updates.getDifference')).toBe(asked + 1);
  expect((await db.$queryRawUnsafe<unknown[]>(rowsOf)).slice(0, 5)).toEqual(rows);
});

test(
  'a container that is overtaken by the next one is waited for; for one that is lost the difference is asked once',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    const { id } = chat.addMessage({ text: 'old' });
    await untilLive({ archive, fleet, db }, [chat]);
    const isStored = async () => (await db.account.findFirst())?.seq === world.loose.seq;
    await vi.waitUntil(isStored, patience);
    const asked = calls(telegram, 'updates.getDifference');
    telegram.pushes.fault({ kind: 'swap', chat, times: 1 });
    for (const views of [100, 200]) setViews(chat, id, views);
    await vi.waitUntil(isStored, patience);
    expect(calls(telegram, 'updates.getDifference')).toBe(asked);
    telegram.pushes.fault({ kind: 'drop', chat, times: 1 });
    for (const views of [300, 400]) setViews(chat, id, views);
    await vi.waitUntil(isStored, patience);
    expect(calls(telegram, 'updates.getDifference')).toBe(asked + 1);
  },
);

test('updates of channels are stored at once while the common difference is slow', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const [channel, user] = [world.addChannel({ title: 'News' }), world.addUser({ title: 'Ann' })];
  for (const chat of [channel, user]) chat.addMessage({ text: 'old' });
  await untilLive({ archive, fleet, db }, [channel, user]);
  const slow = telegram.faults.add({ method: 'updates.getDifference', kind: 'stall', times: 1 });
  telegram.pushes.tooLong();
  await slow.hit;
  user.addMessage({ text: 'has to wait' });
  channel.addMessage({ text: 'new' });
  await vi.waitFor(async () => expect(await texts(db, channel.id)).toEqual(['old', 'new']), patience);
  expect(await texts(db, user.id)).toEqual(['old']);
  telegram.dropConnections({ dc: world.account.homeDc }); // so that it is not waited for
  await isTrue(world, db);
});

test(
  'a deletion between the request and the answer of a history page: the message is stored as deleted',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const [read, late] = [world.addChannel({ title: 'News' }), world.addChannel({ title: 'Late' })];
    for (const chat of [read, late]) chat.addMessages(3);
    const page = telegram.faults.add({ method: 'messages.getHistory', peer: late.id, kind: 'late' });
    archive.configure({ [`${read.id}`]: {}, [`${late.id}`]: {} }, rarely);
    fleet.start('scheduler');
    fleet.start('fetch-worker');
    await page.hit;
    await vi.waitUntil(async () => (await db.dialog.count({ where: { liveTop: { not: null } } })) === 2, patience);
    late.deleteMessage(2);
    await vi.waitUntil(async () => (await db.tombstone.count()) === 1, patience);
    page.remove();
    await isTrue(world, db);
    expect(await db.message.findFirst({ where: { id: 2n, chatId: late.id } })).toMatchObject({
      deletedReason: 'deleted',
    });
  },
);

test(
  'an edit of a message that no page has brought is stored, and the page fills nothing over it',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessage({ text: 'sent' });
    const page = telegram.faults.add({ method: 'messages.getHistory', kind: 'late' });
    archive.configure({ [`${chat.id}`]: {} }, rarely);
    fleet.start('scheduler');
    fleet.start('fetch-worker');
    await page.hit;
    await vi.waitUntil(async () => (await db.dialog.count({ where: { liveTop: { not: null } } })) === 1, patience);
    chat.editMessage(1, { text: 'edited' });
    await vi.waitFor(async () => expect(await texts(db, chat.id)).toEqual(['edited']), patience);
    page.remove();
    await vi.waitUntil(async () => (await db.coverage.count()) === 1, patience);
    expect(await texts(db, chat.id)).toEqual(['edited']);
    expect(await db.messageVersion.count()).toBe(0);
  },
);

describe('the server counts anew', () => {
  test('updatePtsChanged: private chats go on from the present, and what came meanwhile is read', async ({
    world,
    archive,
    fleet,
    db,
  }) => {
    const chat = world.addUser({ title: 'Ann' });
    chat.addMessages(30);
    await untilLive({ archive, fleet, db }, [chat]);
    resetPts(world, 1);
    chat.addMessage({ text: 'new' });
    await isTrue(world, db);
    await vi.waitFor(async () => expect((await db.account.findFirst())?.pts).toBe(world.log.pts), patience);
    chat.addMessage({ text: 'newer' });
    await isTrue(world, db);
  });

  test(
    "a channel's pts that falls by 200,000: its present numbers count",
    { tags: 'thorough' },
    async ({ world, archive, fleet, db }) => {
      const chat = world.addChannel({ title: 'News' });
      chat.log.reset(300_000);
      chat.addMessages(3);
      await untilLive({ archive, fleet, db }, [chat]);
      chat.log.reset(100_000);
      chat.addMessage({ text: 'new' });
      await isTrue(world, db);
      await vi.waitFor(
        async () => expect((await db.chat.findFirst({ where: { id: chat.id } }))?.pts).toBe(chat.log.pts),
        patience,
      );
      chat.addMessage({ text: 'newer' });
      await isTrue(world, db);
    },
  );
});

test(
  '300 channels at start, 40 of them behind: at most ten are asked for at once, and only those',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const channels = Array.from({ length: 300 }, (_, at) => world.addChannel({ title: `Channel ${at}` }));
    for (const chat of channels) chat.addMessage({ text: 'old' });
    await fleet.kill(await untilLive({ archive, fleet, db }, channels), 'SIGTERM');
    const behind = channels.filter((_, at) => at % 8 === 0).concat(channels[1]!, channels[2]!);
    for (const chat of behind) chat.addMessage({ text: 'meanwhile' });
    telegram.resetCounters();
    const asked = new Set<unknown>();
    telegram.onCall(({ method, query }) => {
      if (method === 'updates.getChannelDifference')
        asked.add((query['channel'] as Record<string, unknown>)['channel_id']);
    });
    fleet.start('fetch-worker');
    await isTrue(world, db);
    expect(asked).toEqual(new Set(behind.map((chat) => chat.bareId)));
    expect(telegram.counters().atOnce['updates.getChannelDifference']).toBeLessThanOrEqual(10);
    expect(telegram.counters().errors).toEqual({});
  },
);

test(
  'eleven channels that are not pushed: no more than ten are polled, and the others are found by surveys',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const channels = Array.from({ length: 11 }, (_, at) => world.addChannel({ title: `Channel ${at}` }));
    for (const chat of channels) chat.addMessage({ text: 'old' });
    await untilLive({ archive, fleet, db }, channels, { tg: { sync_interval: 2 } });
    for (const chat of channels) telegram.pushes.fault({ kind: 'drop', chat: chat.id });
    for (let round = 0; round < 3; round++) {
      for (const chat of channels) chat.addMessage({ text: `round ${round}` });
      await isTrue(world, db);
    }
    expect(telegram.counters().atOnce['updates.getChannelDifference']).toBeLessThanOrEqual(10);
    expect(telegram.counters().errors).toEqual({});
  },
);
