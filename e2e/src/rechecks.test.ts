/** What is stored is read again: edits and deletions that no update told of are found, and nothing that is there is called missing. */
import type { BareDb } from '@tgsync/shared/db/bare';
import { type Chat, closePoll, hideHistory, leave, vote, type World } from '@tgsync/telegram-emulator';
import { type Archive, type Fleet, patience, test } from '@tgsync/testing';
import { describe, expect, vi } from 'vitest';
import { Redis } from 'ioredis';
import { differencesFromRecord } from './recorded.js';

/** Nothing tells of edits and deletions. */
const unheard = {
  tg: { sync_interval: 3600, live: false, recheck: [{ last: 'all', every: '1 day' }] },
};

interface Parts {
  archive: Archive;
  fleet: Fleet;
  db: BareDb;
}

/** Starts a fleet; resolves when the chats are read, and the rounds of their rules have begun to count. */
async function untilRead(
  { archive, fleet, db }: Parts,
  chats: readonly Chat[],
  messages: number,
  settings: object = unheard,
) {
  archive.configure(Object.fromEntries(chats.map((it) => [`${it.id}`, {}])), settings);
  const worker = fleet.start('fetch-worker');
  const scheduler = fleet.start('scheduler');
  await vi.waitUntil(async () => (await db.message.count()) === messages, patience);
  return { scheduler, worker };
}

/** As if the last round had begun a day ago; a scheduler that starts sees it. */
async function aDayLater({ fleet, db }: Parts, scheduler: ReturnType<Fleet['start']>) {
  await fleet.kill(scheduler);
  const began = new Date(Date.now() - 25 * 3_600_000).toISOString();
  await db.dialog.updateMany({ data: { recheckRounds: { all: began } } });
  return fleet.start('scheduler');
}

const isTrue = (world: World, db: BareDb) =>
  vi.waitFor(async () => expect(await differencesFromRecord(world, db)).toEqual([]), patience);
const rechecked = (fleet: Fleet) => fleet.log.filter((it) => it.msg === 'messages rechecked');

describe.for(['addChannel', 'addUser', 'addGroup'] as const)('%s', (kind) => {
  const often = kind === 'addChannel' ? {} : { tags: 'thorough' };
  test('edits and deletions that nobody told of are found by a round', often, async ({ world, archive, fleet, db }) => {
    const parts = { archive, fleet, db };
    const chat = world[kind]({ title: 'News' });
    const messages = ['one', 'two', 'three', 'four'].map((text) => chat.addMessage({ text }));
    const { scheduler } = await untilRead(parts, [chat], 4);
    chat.editMessage(messages[1]!.id, { text: 'edited' });
    chat.deleteMessage(messages[3]!.id);
    await aDayLater(parts, scheduler);
    await isTrue(world, db);
    expect(await db.message.findFirst({ where: { deletedAt: { not: null } } })).toMatchObject({
      id: BigInt(messages[3]!.id),
      deletedReason: 'missing',
    });
    await fleet.until((it) => it.msg === 'messages rechecked');
    expect(await db.messageVersion.findMany()).toMatchObject([{ message: 'two' }]);
    expect(await db.rechecked.findMany()).toMatchObject([{ fromId: 1n }]);
    expect(rechecked(fleet)).toMatchObject([{ reason: 'recent', asked: 4, changed: 1, missing: 1 }]);
  });
});

test(
  'a chat that is not readable any more, or hides its history, has nothing missing',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const parts = { archive, fleet, db };
    const [shut, hiding, empty] = ['Shut', 'Hiding', 'Empty'].map((title) => world.addSupergroup({ title }));
    for (const it of [shut!, hiding!, empty!]) for (const text of ['one', 'two', 'three']) it.addMessage({ text });
    const { scheduler } = await untilRead(parts, [shut!, hiding!, empty!], 9, { ...unheard, log: { level: 'debug' } });
    leave(shut!);
    hideHistory(hiding!, [...hiding!.messages][1]!.id);
    const gone = [...empty!.messages].map((it) => it.id);
    empty!.deleteMessages(gone);
    const second = await aDayLater(parts, scheduler);
    await vi.waitUntil(async () => (await db.recheck.count()) <= 1 && rechecked(fleet).length === 2, patience);
    await vi.waitUntil(
      async () => (await db.dialog.findFirst({ where: { chatId: shut!.id } }))?.state === 'unreadable',
      patience,
    );
    expect(await db.message.count({ where: { deletedAt: { not: null } } })).toBe(0);
    expect(await db.rechecked.count()).toBe(0);
    // What is hidden is known from now on.
    await aDayLater(parts, second);
    await vi.waitUntil(() => rechecked(fleet).length === 4, patience);
    expect(telegram.counters().calls['channels.getFullChannel']).toBe(1);
  },
);

test(
  'the votes of a poll are asked for as long as it is open',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    const plain = (text: string) => ({ _: 'textWithEntities', text, entities: [] });
    const answers = ['yes', 'no'].map((it) => ({ _: 'pollAnswer', text: plain(it), option: Buffer.from(it) }));
    const poll = { _: 'poll', id: 7n, question: plain('Cats?'), answers, hash: 0n };
    const { id } = chat.addMessage({ media: { _: 'messageMediaPoll', poll, results: { _: 'pollResults' } } });
    const { scheduler } = await untilRead({ archive, fleet, db }, [chat], 1, { tg: { ...unheard.tg, live: true } });
    await vi.waitUntil(async () => (await db.account.findFirst())?.live, patience);
    telegram.pushes.fault({ kind: 'drop' });
    const asked = () => telegram.counters().calls['messages.getPollResults'] ?? 0;
    const voters = async () => {
      const { raw } = await db.message.findFirstOrThrow();
      return (raw as { media: { results: { totalVoters?: number } } }).media.results.totalVoters;
    };
    vote(chat, id, 0);
    const second = await aDayLater({ archive, fleet, db }, scheduler);
    await vi.waitUntil(async () => asked() === 1 && (await voters()) === 1, patience);
    vote(chat, id, 1);
    closePoll(chat, id);
    await db.account.updateMany({ data: { recheckAfter: null } });
    await aDayLater({ archive, fleet, db }, second);
    await vi.waitUntil(async () => (await voters()) === 2, patience);
    expect(asked()).toBe(1);
    expect(fleet.log.filter((it) => it.msg === 'stopped applying updates; starting again from what is stored')).toEqual(
      [],
    );
  },
);

test(
  'a chat whose messages Telegram refuses is retried later, and the others go on',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chats = ['News', 'Cats'].map((title) => world.addChannel({ title }));
    for (const chat of chats) chat.addMessages(3);
    const { scheduler } = await untilRead({ archive, fleet, db }, chats, 6);
    for (const chat of chats) chat.deleteMessages([2]);
    telegram.faults.add({ method: 'channels.getMessages', kind: 'error', code: 400, message: 'ODD', times: 1 });
    const second = await aDayLater({ archive, fleet, db }, scheduler);
    await vi.waitUntil(async () => (await db.rechecked.count()) === 1, patience);
    expect(await db.recheck.findMany()).toMatchObject([{ retryAt: expect.any(Date) as Date }]);
    await fleet.kill(second);
    await db.recheck.updateMany({ data: { retryAt: new Date(0) } });
    fleet.start('scheduler');
    await isTrue(world, db);
  },
);

test(
  'what waits for a recheck is known after all were killed and the queue was flushed',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db, redisUrl }) => {
    const chats = ['News', 'Cats'].map((title) => world.addChannel({ title }));
    for (const chat of chats) chat.addMessages(120);
    const { scheduler, worker } = await untilRead({ archive, fleet, db }, chats, 240);
    for (const chat of chats) {
      const ids = [...chat.messages].map((it) => it.id);
      chat.deleteMessages([ids[3]!, ids[110]!]);
      chat.editMessage(ids[10]!, { text: 'edited' });
    }
    // The first answer is lost with the worker that asked.
    const lost = telegram.faults.add({ method: 'channels.getMessages', kind: 'stall', times: 1 });
    const second = await aDayLater({ archive, fleet, db }, scheduler);
    await lost.hit;
    for (const it of [worker, second]) await fleet.kill(it);
    await flushQueues(db, redisUrl);
    expect(await db.recheck.count()).toBe(2);
    for (const app of ['fetch-worker', 'scheduler'] as const) fleet.start(app);
    await isTrue(world, db);
    await vi.waitUntil(async () => (await db.recheck.count()) === 0, patience);
    expect(await db.rechecked.count()).toBe(2);
  },
);

async function flushQueues(db: BareDb, redisUrl: string | undefined): Promise<void> {
  if (redisUrl === undefined) {
    await db.$executeRawUnsafe('DROP SCHEMA bullmq CASCADE');
    return;
  }
  const client = new Redis(redisUrl);
  await client.flushall();
  await client.quit();
}
