/** Whoever listens is killed, paused or cut off from Postgres while a lot happens: afterwards the archive is true, and nothing was done twice. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeDb, openDb } from '@tgsync/shared/db';
import { bare } from '@tgsync/shared/db/bare';
import { type Fixtures, Fleet, makeArchive, patience, test } from '@tgsync/testing';
import { type PrivateRedis, startRedis } from '@tgsync/testing/redis';
import { Random, RANDOM_KINDS, randomEvent, World } from '@tgsync/telegram-emulator';
import pg from 'pg';
import { describe, expect, vi } from 'vitest';
import { OwnPostgres } from './chaos/services.js';
import { isTrue, texts, untilLive } from './live-fleet.js';
import { calls } from './whole.js';

test('created and deleted, or edited twice and deleted, in one outage', async ({ world, archive, fleet, db }) => {
  const chats = [world.addChannel({ title: 'News' }), world.addUser({ title: 'Ann' })];
  for (const chat of chats) for (const text of ['stays', 'edited twice', 'goes']) chat.addMessage({ text });
  await fleet.kill(await untilLive({ archive, fleet, db }, chats), 'SIGTERM');
  for (const chat of chats) {
    const [, edited, goes] = await db.message.findMany({ where: { chatId: chat.id }, orderBy: { id: 'asc' } });
    for (const text of ['once', 'twice']) chat.editMessage(Number(edited!.id), { text });
    chat.editMessage(Number(goes!.id), { text: 'edited before it went' });
    const unseen = chat.addMessage({ text: 'comes' });
    chat.editMessage(unseen.id, { text: 'and goes' });
    chat.deleteMessages([Number(goes!.id), unseen.id]);
    chat.addMessage({ text: 'the last one' });
  }
  fleet.start('fetch-worker');
  await isTrue(world, db);
  for (const chat of chats) {
    expect(await texts(db, chat.id)).toEqual(['stays', 'twice', 'goes', 'the last one']);
    const versions = await db.messageVersion.findMany({ where: { chatId: chat.id } });
    expect(versions.map((it) => it.message)).toEqual(['edited twice']);
  }
  expect(await db.tombstone.count()).toBe(2);
});

describe('a channel that the common difference named', () => {
  let second = 1_780_000_000;
  const it = test.extend<Pick<Fixtures, 'world'>>({
    // What happened in the last second is told again, so here no two things happen in one.
    world: async ({}, use) => await use(new World({ seed: 'named', now: () => ++second })),
  });

  it(
    'is asked for by the next one if whoever was told is killed before its own difference',
    { tags: 'thorough' },
    async ({ world, telegram, archive, fleet, db }) => {
      const [news, ann] = [world.addChannel({ title: 'News' }), world.addUser({ title: 'Ann' })];
      for (const chat of [news, ann]) chat.addMessage({ text: 'old' });
      await fleet.kill(await untilLive({ archive, fleet, db }, [news, ann]), 'SIGTERM');
      for (const chat of [news, ann]) chat.addMessage({ text: 'missed' });
      const slow = telegram.faults.add({ method: 'updates.getChannelDifference', kind: 'stall', times: 1 });
      const told = fleet.start('fetch-worker');
      await slow.hit;
      await vi.waitUntil(async () => (await texts(db, ann.id)).length === 2, patience);
      await fleet.kill(told, 'SIGKILL');
      fleet.start('fetch-worker');
      await isTrue(world, db);
    },
  );
});

/** Fills a world with chats of all kinds and lets this happen in them, all of which the account can see. */
function busy(world: World, chats: number): { chats: { id: bigint }[]; happen: (events: number) => void } {
  const random = new Random('outage');
  const kinds = RANDOM_KINDS.filter((it) => !['membership', 'migrate'].includes(it));
  const add = (at: number) => {
    if (at % 4 === 0) return world.addChannel({ title: `Channel ${at}` });
    if (at % 4 === 1) return world.addSupergroup({ title: `Group ${at}`, forum: at === 1 });
    return at % 4 === 2 ? world.addUser({ title: `User ${at}` }) : world.addGroup({ title: `Small ${at}` });
  };
  const all = Array.from({ length: chats }, (_, at) => add(at));
  for (const chat of all) chat.addMessages(5);
  const happen = (events: number) => {
    for (let count = 0; count < events; count++) randomEvent(world, random, kinds);
  };
  return { chats: all, happen };
}

/** What a transaction that applies updates touches, one table after the other. */
const tables = [
  'role_lease',
  'chat',
  'account',
  'dialog',
  'message',
  'message_version',
  'coverage',
  'tombstone',
] as const;

test(
  '10,000 events in 40 chats during an outage, then kills between pieces and inside transactions',
  { tags: 'thorough', timeout: 900_000 },
  async ({ world, telegram, archive, fleet, db }) => {
    const { chats, happen } = busy(world, 40);
    await fleet.kill(await untilLive({ archive, fleet, db }, chats), 'SIGTERM');
    happen(10_000);
    const admin = new pg.Client({ connectionString: archive.databaseUrl });
    await admin.connect();
    try {
      for (const table of tables) {
        await admin.query(`BEGIN; LOCK TABLE ${table} IN EXCLUSIVE MODE`);
        const worker = fleet.start('fetch-worker');
        await vi.waitUntil(async () => {
          const { rows } = await admin.query(
            `SELECT FROM pg_locks WHERE NOT granted AND relation = '${table}'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
          );
          return rows.length > 0;
        }, patience);
        await fleet.kill(worker, 'SIGKILL');
        await admin.query('ROLLBACK');
      }
    } finally {
      await admin.end();
    }
    for (let kills = 0; kills < 3; kills++) {
      const worker = fleet.start('fetch-worker');
      await Promise.race([
        calls(telegram, 'updates.getDifference', 2),
        calls(telegram, 'updates.getChannelDifference', 2),
      ]);
      await fleet.kill(worker, 'SIGKILL');
    }
    fleet.start('fetch-worker');
    await isTrue(world, db, { timeout: 600_000, interval: 1000 }); // much is to be compared each time
  },
);

test(
  'the lease is lost in the middle: the late holder writes nothing, and the new one goes on',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const { chats, happen } = busy(world, 8);
    const first = await untilLive({ archive, fleet, db }, chats);
    const holder = async () => (await db.roleLease.findFirstOrThrow()).holder;
    const late = await holder();
    happen(300);
    first.kill('SIGSTOP');
    happen(300);
    fleet.start('fetch-worker');
    await vi.waitUntil(async () => (await holder()) !== late, patience);
    await isTrue(world, db);
    happen(50);
    first.kill('SIGCONT');
    happen(50);
    await isTrue(world, db);
    expect(await holder()).not.toBe(late);
  },
);

test(
  'Postgres is away while 30,000 messages come: memory is bounded, and nothing is lost',
  { tags: 'thorough', timeout: 400_000 },
  async ({ world, telegram }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-away-'));
    const postgres = await OwnPostgres.start(join(folder, 'postgres'));
    const archive = makeArchive(postgres.url, telegram);
    const fleet = new Fleet(archive.env);
    await archive.logIn();
    archive.configure({});
    const starter = fleet.start('scheduler'); // it creates the tables
    const db = bare(await openDb(postgres.url));
    try {
      await fleet.kill(starter, 'SIGTERM');
      const chats = Array.from({ length: 5 }, (_, at) => world.addChannel({ title: `Channel ${at}` }));
      for (const chat of chats) chat.addMessages(3);
      const worker = await untilLive({ archive, fleet, db }, chats);
      const before = residentMiB(worker.pid!);
      postgres.cable.cut();
      for (let count = 0; count < 6000; count++) {
        for (const chat of chats) chat.addMessage({ text: `${count} `.repeat(20) });
        if (count % 50 === 0) await sleep(1); // lets them go out
      }
      const grown = residentMiB(worker.pid!) - before;
      postgres.cable.restore();
      await vi.waitFor(async () => expect(await db.message.count()).toBe(30_015), patience);
      await isTrue(world, db);
      expect(grown).toBeLessThan(150);
    } finally {
      await fleet.stop();
      await closeDb(db);
      archive.remove();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

const withRedis = test.extend<{ redis: PrivateRedis; redisUrl: string | undefined }>({
  redis: async ({}, use) => {
    const redis = await startRedis();
    await use(redis);
    await redis.stop();
  },
  redisUrl: async ({ redis }, use) => use(redis.url),
});

withRedis(
  'the queue is away: updates are applied all the same, and their files are found afterwards',
  { tags: 'thorough' },
  async ({ redis, world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessage({ text: 'old' });
    await untilLive({ archive, fleet, db }, [chat]);
    process.kill(redis.pid, 'SIGSTOP');
    chat.addMessage({ text: 'with a file', document: world.addDocument({ dc: 2, size: 1000, name: 'a.txt' }) });
    await vi.waitUntil(async () => (await db.message.count()) === 2, patience);
    chat.addMessage({ text: 'later' });
    await vi.waitUntil(async () => (await db.message.count()) === 3, patience);
    expect(fleet.log.filter((it) => it.msg.startsWith('stopped applying updates'))).toEqual([]);
    process.kill(redis.pid, 'SIGCONT');
    fleet.start('media-worker');
    await vi.waitUntil(async () => (await db.document.findFirst())?.state === 'saved', patience);
  },
);
