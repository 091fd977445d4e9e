/** periods.test.ts: of a chat only the messages of a period are read: since a moment (inclusive), until another (exclusive). */
import { patience, test } from '@tgsync/testing';
import { expect, vi } from 'vitest';

const day = 86_400;
const start = Date.UTC(2024, 0, 1) / 1000;

test('in channels, private chats and groups exactly the messages of the period are read', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chats = [
    world.addChannel({ title: 'News' }),
    world.addUser({ title: 'Ann' }),
    world.addGroup({ title: 'Club' }),
  ];
  // One message a day, the chats in turn.
  for (let index = 0; index < 60; index++)
    for (const chat of chats) chat.addMessage({ text: `${index}`, date: start + index * day });
  const before = world.addChannel({ title: 'All older' });
  before.addMessage({ date: start - day });
  const configure = (messages: object) =>
    archive.configure(Object.fromEntries([...chats, before].map((it) => [`${it.id}`, {}])), {
      tg: { defaults: { messages } },
    });
  const stored = async (chatId: bigint) =>
    (await db.message.findMany({ where: { chatId }, orderBy: { id: 'asc' } })).map((it) => Number(it.message));
  const days = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

  configure({ since: '2024-01-11', until: '2024-01-21T00:00:00Z' });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  for (const { id } of chats) expect(await stored(id)).toEqual(days(10, 19));
  expect(await stored(before.id)).toEqual([]);

  // A longer period reads the rest only.
  configure({ since: '2024-01-06' });
  telegram.resetCounters();
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  for (const { id } of chats) expect(await stored(id)).toEqual(days(5, 59));
  const { rows } = { rows: await db.coverage.findMany({ where: { chatId: chats[0]!.id } }) };
  expect(rows.map((it) => [it.fromId, it.toId])).toEqual([[6n, 60n]]);

  // Nothing is looked up again, and what is stored stays when less is wanted.
  telegram.resetCounters();
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  expect(telegram.counters().calls['messages.getHistory'] ?? 0).toBe(0);
  configure({ until: '2024-01-02' });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  for (const { id } of chats) expect(await stored(id)).toEqual([0, ...days(5, 59)]);
});

test(
  'a period that ends while the fleet runs: messages are read up to its end, and none after it',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    const seconds = () => Math.floor(Date.now() / 1000);
    chat.addMessage({ text: 'before', date: seconds() - 100 });
    const configure = (it: object) =>
      archive.configure({ [`${chat.id}`]: { messages: it } }, { tg: { sync_interval: 1 } });
    configure({ since: '2024-01-01' });
    for (const app of ['fetch-worker', 'media-worker'] as const) fleet.start(app);
    expect(await fleet.exit(fleet.start('scheduler', '--once')), fleet.troubles()).toBe(0);
    // Whether or not the scheduler is up before the end, what came before it is read.
    const end = seconds() + 6;
    configure({ since: '2024-01-01', until: new Date(end * 1000).toISOString() });
    chat.addMessage({ text: 'in time', date: seconds() });
    fleet.start('scheduler');
    await vi.waitUntil(async () => (await db.message.count()) === 2, patience);
    await vi.waitUntil(() => seconds() > end, patience);
    chat.addMessage({ text: 'too late', date: seconds() });
    await vi.waitUntil(async () => (await db.dialog.findFirst())?.untilId === 2n, patience);
    const surveyedAt = async () => (await db.dialog.findFirst())!.surveyedAt!.getTime();
    const last = await surveyedAt();
    await vi.waitUntil(async () => (await surveyedAt()) > last + 2000, patience);
    expect((await db.message.findMany({ orderBy: { id: 'asc' } })).map((it) => it.message)).toEqual([
      'before',
      'in time',
    ]);
  },
);
