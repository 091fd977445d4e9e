/**
 * lock.test.ts: whoever is on the same machine, or can reach the queue, but is not the owner of the archive, gets nothing: not the account,
 * not a file, not a standstill.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { archiveId } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { openQueues, type QueueName, type Queues } from '@tgsync/shared/jobs';
import { login } from '@tgsync/shared/telegram';
import { loadConfig } from '@tgsync/shared/config';
import { type Archive, test, patience } from '@tgsync/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, vi } from 'vitest';
import { tgsync } from './command-line.js';
import { expectWhole } from './whole.js';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

/** Adds jobs like anybody who can reach the queue. */
async function withQueues(
  archive: Archive,
  db: BareDb,
  use: (queues: Queues['byName']) => Promise<void>,
): Promise<void> {
  const { redisUrl, databaseUrl } = archive.env;
  const queues = await openQueues({ redisUrl, databaseUrl: databaseUrl!, archive: await archiveId(db) }, () => {});
  try {
    await use(queues.byName);
  } finally {
    await queues.close();
  }
}

const oddJobs: [queue: QueueName, name: string, data: unknown][] = [
  ['media', 'download-media', {}],
  ['media', 'download-media', null],
  ['media', 'download-media', { kind: 'photo', id: '9'.repeat(40) }],
  ['media', 'download-media', { kind: '../../etc', id: '1' }],
  ['history', 'history-page', { chatId: 'x' }],
  ['history', 'survey-chats', { chatIds: 'all' }],
  ['telegram', 'grant-media-key', { dcId: 1e300, refused: {} }],
  ['telegram', 'accept-login-token', { token: 'YWJj' }],
  ['telegram', 'constructor', {}],
];

test('malformed jobs are removed and logged once, and do not stop the scheduler from doing its work', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const chat = world.addChannel({ title: 'News' });
  chat.addMessage({ text: 'file', document: world.addDocument({ dc: 2, size: 5000, name: 'f.bin' }) });
  archive.configure({ [chat.id.toString()]: {} });
  await withQueues(archive, db, async (queues) => {
    for (const [queue, name, data] of oddJobs) await queues[queue].add(name, data);
  });
  if (archive.env.redisUrl) {
    const redis = new Redis(archive.env.redisUrl);
    const prefix = `tgsync-${await archiveId(db)}`;
    await redis.hset(`${prefix}:history:evil`, { name: 'x', data: '{}', opts: 'null', timestamp: '1' });
    await redis.lpush(`${prefix}:history:wait`, 'evil');
    await redis.quit();
  }
  const scheduler = fleet.start('scheduler');
  await fleet.until((it) => it.msg === 'planning');
  const removed = () => fleet.log.filter((it) => it.msg.startsWith('removed unknown or malformed jobs'));
  await vi.waitUntil(() => removed().length === 3, patience);
  const count = removed().reduce((sum, it) => sum + (it.jobs as number), 0);
  expect(count).toBe(oddJobs.length + (archive.env.redisUrl ? 1 : 0));
  expect(scheduler.exitCode).toBeNull();
  await fleet.stop();
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  await expectWhole(world, archive, db);
});

test('the queue cannot be used to get a login: a token in a job is ignored, the file beside the session decides', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chat = world.addChannel({ title: 'News' });
  archive.configure({ [chat.id.toString()]: {} });
  fleet.start('fetch-worker');
  await fleet.until((it) => it.msg === 'holding the account');
  const config = loadConfig(archive.env);
  const never = () => Promise.reject(new Error('not asked for'));
  // A stranger shows the QR code of their own login, and sends its token to whoever reads the queue, in every form they can think of.
  const stopped = new Error('given up');
  const shown: string[] = [];
  const stranger = login(config, {
    phone: never,
    code: never,
    password: never,
    say: () => {},
    showQr: async (link) => {
      shown.push(link);
      const token = new URL(link).searchParams.get('token')!;
      await withQueues(archive, db, async ({ telegram: queue }) => {
        await queue.add('accept-login-token', { token });
        await queue.add('accept-login', { token, file: '/tmp/token', expiresAt: Date.now() + 60_000 });
        await fleet.until((it) => it.msg === 'no login request found');
        await vi.waitUntil(async () => (await queue.getJobCounts('failed')).failed === 1, patience);
      });
      throw stopped;
    },
  });
  await expect(stranger).rejects.toBe(stopped);
  expect(shown).toHaveLength(1);
  expect(telegram.counters().calls['auth.acceptLoginToken'] ?? 0).toBe(0);
  // The same worker still approves the owner's new login.
  const added = await tgsync(archive.env, ['login', '--add']);
  expect(added.code, added.stderr).toBe(0);
  expect(telegram.counters().calls['auth.acceptLoginToken']).toBe(1);
  expect(readdirSync(archive.env.appdata).filter((it) => it.includes('request'))).toEqual([]);
});

test.skipIf(!isRoot)(
  'another user of the machine cannot read a secret, nor create anything in the archive’s folders',
  async ({ archive, fleet }) => {
    archive.configure({}, { log: { dir: '/appdata/logs' } });
    const added = await tgsync(archive.env, ['status']);
    expect(added.code, added.stderr).toBe(0);
    fleet.start('scheduler');
    await fleet.until((it) => it.msg === 'planning');
    const { appdata } = archive.env;
    const secret = [
      'tgsync.session',
      ...(existsSync(join(appdata, 'dashboard.password')) ? ['dashboard.password'] : []),
    ];
    for (const name of [...secret, ...readdirSync(join(appdata, 'logs')).map((it) => `logs/${it}`)])
      expect(statSync(join(appdata, name)).mode & 0o007, name).toBe(0);
    const asNobody = (command: string) =>
      run('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-c', command]).then(
        ({ stdout }) => stdout,
        () => 'refused',
      );
    await run('chmod', ['0711', archive.env.data]); // they may know the path
    for (const name of secret) expect(await asNobody(`cat '${join(appdata, name)}'`)).toBe('refused');
    expect(await asNobody(`touch '${join(appdata, 'tgsync.session.request')}'`)).toBe('refused');
  },
);

test(
  'when a newer version upgrades the database, every app of this one exits with a clear message',
  { tags: 'thorough' },
  async ({ archive, fleet, db }) => {
    archive.configure({});
    const apps = [fleet.start('scheduler'), fleet.start('fetch-worker'), fleet.start('media-worker')];
    await fleet.until((it) => it.app === 'scheduler' && it.msg === 'planning');
    await fleet.until((it) => it.msg === 'holding the account');
    await vi.waitUntil(async () => (await db.mediaWorker.count()) === 1, patience);
    const client = new pg.Client({ connectionString: archive.databaseUrl });
    await client.connect();
    const ends = apps.map((it) => fleet.exit(it));
    await client.query(
      `INSERT INTO _prisma_migrations (id, migration_name, checksum, finished_at, applied_steps_count)
     VALUES ('later', '29991231000000_later', 'x', now(), 1)`,
    );
    await client.end();
    expect(await Promise.all(ends)).toEqual([78, 78, 78]);
    const said = fleet.log.filter((it) => it.level === 'fatal').map((it) => it.reason);
    expect(said).toEqual([said[0], said[0], said[0]]);
    expect(said[0]).toContain('upgraded by a newer version');
  },
);

test('commands reject arguments they do not know, and do nothing by halves', async ({ archive }) => {
  archive.configure({});
  for (const args of [['constructor'], ['__proto__'], ['sessions', 'end', '1', '2'], ['sessions', 'end', '1e0']]) {
    const { code, stderr } = await tgsync(archive.env, args);
    expect([code, stderr], args.join(' ')).toEqual([1, expect.stringMatching(/Unknown command|ends one/)]);
  }
  expect(existsSync(join(archive.env.appdata, 'tgsync.session'))).toBe(true);
});
