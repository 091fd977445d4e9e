/** The planner with Postgres: what it does when there is nothing to do, and what it must not mistake for that. */
import { parseConfig, settingsOf } from '@tgsync/shared/config';
import {
  claimForAccount,
  recordResolved,
  recordSettings,
  recordSurvey,
  recordUnreadable,
  storePage,
} from '@tgsync/shared/db';
import { createLogger } from '@tgsync/shared/app';
import { openQueues, startWorker, stopWorker } from '@tgsync/shared/jobs';
import { test, patience } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { Planner } from './planner.js';
import { accountId, addChat, addDocument, message, page, photo } from '@tgsync/testing/pages';

const credentials = { api_id: 1, api_hash: '00112233445566778899aabbccddeeff' };

test('idle checks of files start after a minute without work, ten at a time, unless they are switched off', async ({
  db,
  databaseUrl,
}) => {
  const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive: 'test' }, () => {});
  for (let id = 1n; id <= 12n; id++) await addDocument(db, { id, saved: true, state: 'saved', fileName: `${id}.bin` });
  const settings = (download: object) => settingsOf(parseConfig(JSON.stringify({ tg: credentials, download })));
  const asked = async () => (await queues.waiting('media')).filter(({ job }) => job.name === 'prove-media').length;

  const unasked = new Planner({
    db,
    queues,
    log: createLogger('test', 'silent'),
    settings: settings({ prove_when_idle: false }),
  });
  for (const clock of [0, 70_000, 140_000]) await unasked.tick(clock);
  expect(await asked()).toBe(0);

  const planner = new Planner({ db, queues, log: createLogger('test', 'silent'), settings: settings({}) });
  for (const clock of [0, 30_000, 59_000]) await planner.tick(clock);
  expect(await asked()).toBe(0);
  await planner.tick(61_000);
  expect(await asked()).toBe(10);
  await planner.tick(62_000);
  expect(await asked()).toBe(10);
  await db.document.updateMany({ where: { id: { lte: 10n } }, data: { provenAt: new Date() } });
  await planner.tick(72_000);
  expect(await asked()).toBe(12);
  await queues.close();
});

test('what Telegram shows once goes before all others, even into a full queue', async ({ db, databaseUrl }) => {
  const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive: 'test' }, () => {});
  const settings = settingsOf(parseConfig(JSON.stringify({ tg: credentials })));
  const planner = new Planner({ db, queues, log: createLogger('test', 'silent'), settings });
  await addChat(db, { id: 1n, title: 'Friend', kind: 'user', wanted: true, state: 'ok' });
  await queues.enqueue(
    Array.from({ length: await queues.capacity('media') }, (_, at) => ({
      name: 'download-media' as const,
      payload: { kind: 'photo' as const, id: BigInt(at + 1) },
    })),
  );
  const once = { ...photo(9001n), isUrgent: true };
  await storePage(db, page(1n, [message(1n, { media: [photo(9000n)] }), message(2n, { media: [once] })]));
  await planner.tick(0);
  await planner.tick(1000);
  const queued = (await queues.waiting('media')).map(({ job }) => (job.payload as { id: bigint }).id);
  expect(queued.filter((it) => it >= 9000n)).toEqual([9001n]);
  const seen: unknown[] = [];
  const ignore = async () => {};
  const handlers = {
    'download-media': async (payload: unknown) => void seen.push(payload),
    'prove-media': ignore,
    'remove-links': ignore,
  };
  const log = createLogger('test', 'silent');
  const worker = startWorker(queues.connection, 'media', handlers, { concurrency: 1, log });
  await vi.waitUntil(() => seen.length > 0, patience);
  expect(seen[0]).toEqual({ kind: 'photo', id: 9001n });
  await stopWorker(worker);
  await queues.close();
});

test('a chat that turns out to be unreadable during a tick is surveyed at once, and nothing counts as settled before', async ({
  db,
  databaseUrl,
}) => {
  const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive: 'test' }, () => {});
  const planner = new Planner({
    db,
    queues,
    log: createLogger('test', 'silent'),
    settings: settingsOf(parseConfig(JSON.stringify({ tg: credentials }))),
  });
  await addChat(db, { id: 5n, title: 'shut', wanted: true });
  expect(await planner.tick(0)).toEqual({ settled: false });
  await recordSurvey(db, accountId, [{ id: 5n, topMessage: 0n, pts: 1 }]);
  expect(await planner.tick(1000)).toEqual({ settled: true });

  const ticked = await db.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE chat`;
    const ticking = planner.tick(2000);
    await vi.waitUntil(
      async () => (await db.$queryRaw<unknown[]>`SELECT FROM pg_locks WHERE NOT granted`).length > 0,
      patience,
    );
    await tx.$executeRaw`
      UPDATE dialog SET state = 'unreadable', surveyed_at = clock_timestamp(), retry_at = clock_timestamp()`;
    return { ticking };
  });
  expect(await ticked.ticking).toEqual({ settled: false });
  await recordUnreadable(db, { accountId, id: 5n }, 'removed');
  expect(await planner.tick(3000)).toEqual({ settled: true });
  await recordUnreadable(db, { accountId, id: 5n }, 'removed', 0);
  expect(await planner.tick(4000)).toEqual({ settled: false });
  await queues.close();
});

test('missing messages about which Telegram says nothing are looked for once an hour', async ({ db, databaseUrl }) => {
  const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive: 'test' }, () => {});
  const settings = settingsOf(parseConfig(JSON.stringify({ tg: credentials })));
  const planner = new Planner({ db, queues, log: createLogger('test', 'silent'), settings });
  await addChat(db, { id: 5n, kind: 'user', wanted: true, state: 'ok', deletions: 'mirror' });
  await storePage(db, page(5n, [message(1n)]));
  const longAgo = new Date(Date.now() - 30 * 3_600_000);
  await db.message.updateMany({ data: { deletedAt: longAgo, deletedReason: 'missing', asOf: longAgo } });
  for (const [clock, asked] of [
    [0, 1],
    [61_000, 0],
    [3_601_000, 1],
  ] as const) {
    await planner.tick(clock);
    expect(await db.recheck.count(), `${clock} ms`).toBe(asked);
    await db.recheck.deleteMany(); // the answer said nothing
  }
  await queues.close();
});

const folder = {
  text: 'folder:Work',
  kind: 'folder',
  exclude: [],
  wanted: { from: 0n, to: 0n, since: null, until: null, rules: [], recheck: [], deletions: 'keep', mirrorFiles: false },
} as const;

test('nothing is settled before Telegram said which chats a folder has, and what it said is surveyed at once', async ({
  db,
  databaseUrl,
}) => {
  const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive: 'test' }, () => {});
  const settings = settingsOf(parseConfig(JSON.stringify({ tg: credentials })));
  const planner = new Planner({ db, queues, log: createLogger('test', 'silent'), settings });
  const waiting = async () => (await queues.waiting('history')).map(({ job }) => job.name);
  await claimForAccount(db, accountId, 1);
  await recordSettings(db, settings, [], [{ ...folder, exclude: [] }]);
  expect(await planner.tick(0)).toEqual({ settled: false });
  expect(await waiting()).toEqual(['resolve-chats']);

  await recordResolved(db, folder.text, [5n]);
  expect(await planner.tick(1000)).toEqual({ settled: false });
  expect((await waiting()).toSorted()).toEqual(['resolve-chats', 'survey-chats']);
  await recordSurvey(db, accountId, [{ id: 5n, topMessage: 0n, pts: 1 }]);
  expect(await planner.tick(2000)).toEqual({ settled: true });
  await queues.close();
});

test('waiting jobs of a chat that left a folder go with it', async ({ db, databaseUrl }) => {
  const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive: 'test' }, () => {});
  const settings = settingsOf(parseConfig(JSON.stringify({ tg: credentials })));
  const planner = new Planner({ db, queues, log: createLogger('test', 'silent'), settings });
  const pages = async () =>
    (await queues.waiting('history')).flatMap(({ job }) => (job.name === 'history-page' ? [job.payload.chatId] : []));
  await claimForAccount(db, accountId, 1);
  await recordSettings(db, settings, [], [{ ...folder, exclude: [] }]);
  await recordResolved(db, folder.text, [5n, 6n]);
  await recordSurvey(db, accountId, [
    { id: 5n, topMessage: 9n, pts: 1 },
    { id: 6n, topMessage: 9n, pts: 1 },
  ]);
  await planner.tick(0);
  expect((await pages()).toSorted()).toEqual([5n, 6n]);
  await recordResolved(db, folder.text, [6n]);
  await planner.tick(1000);
  expect(await pages()).toEqual([6n]);
  await queues.close();
});
