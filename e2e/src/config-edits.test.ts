/** config-edits.test.ts: config.json is edited and only the scheduler is restarted; the workers keep running. */
import { type Archive, type Fleet, test, patience } from '@tgsync/testing';
import type { BareDb } from '@tgsync/shared/db/bare';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { asOwner } from './dashboard-login.js';
import { waitingMedia } from './media-queue.js';

const stored = async (db: BareDb, chatId: bigint) => await db.message.count({ where: { chatId } });

/** Restarts only the scheduler, and waits until nothing is owed. */
async function plan(fleet: Fleet): Promise<number> {
  return await fleet.exit(fleet.start('scheduler', '--once'));
}

function edit(archive: Archive, chats: Record<string, object>, tg: object = {}): void {
  archive.configure(chats, { tg });
}

test('chats are added and removed, ranges widen, numbers reach running workers, data stays', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const [cats, dogs] = [world.addChannel({ title: 'Cats' }), world.addSupergroup({ title: 'Dogs' })];
  cats.addMessages(300);
  dogs.addMessages(200);
  edit(archive, { [cats.id.toString()]: { range: [201, 300] } });
  fleet.start('fetch-worker');
  fleet.start('media-worker');
  expect(await plan(fleet), fleet.troubles()).toBe(0);
  expect([await stored(db, cats.id), await stored(db, dogs.id)]).toEqual([100, 0]);

  edit(
    archive,
    { [cats.id.toString()]: { range: [101, 0] }, [dogs.id.toString()]: {} },
    { concurrent_downloads: 7, lease_ttl: 5 },
  );
  expect(await plan(fleet), fleet.troubles()).toBe(0);
  expect([await stored(db, cats.id), await stored(db, dogs.id)]).toEqual([200, 200]);

  await vi.waitUntil(async () => (await db.sessionLease.findFirst())?.ttl === 5, patience);

  edit(archive, { [dogs.id.toString()]: {} });
  expect(await plan(fleet), fleet.troubles()).toBe(0);
  cats.addMessages(50);
  dogs.addMessages(50);
  expect(await plan(fleet), fleet.troubles()).toBe(0);
  expect([await stored(db, cats.id), await stored(db, dogs.id)]).toEqual([200, 250]);
});

test(
  'a shorter request timeout reaches a running worker',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const cats = world.addChannel({ title: 'Cats' });
    const wanted = { [cats.id.toString()]: {} };
    archive.configure(wanted, { download: { request_timeout: 600 } });
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    expect(await plan(fleet), fleet.troubles()).toBe(0);
    archive.configure(wanted, { download: { request_timeout: 1 } });
    expect(await plan(fleet), fleet.troubles()).toBe(0);
    await fleet.until((it) => it.app === 'media-worker' && it.msg === 'settings from config.json have changed');
    const stalled = telegram.faults.add({ method: 'upload.getFile', kind: 'stall', times: 1 });
    cats.addMessage({ text: 'file', document: world.addDocument({ dc: 4, size: 1000, name: 'late.bin' }) });
    expect(await plan(fleet), fleet.troubles()).toBe(0);
    expect(stalled.hits).toBe(1);
    expect(await db.document.count({ where: { saved: true } })).toBe(1);
  },
);

test('waiting jobs of a removed chat are removed, too', { tags: 'thorough' }, async ({ world, archive, fleet, db }) => {
  const cats = world.addChannel({ title: 'Cats' });
  for (let count = 0; count < 20; count++) {
    cats.addMessage({ text: 'file', document: world.addDocument({ dc: 4, size: 1000, name: `f${count}.bin` }) });
  }
  edit(archive, { [cats.id.toString()]: {} });
  const fetching = fleet.start('fetch-worker');
  const scheduler = fleet.start('scheduler');
  const dashboard = (await fleet.until((it) => it.msg === 'dashboard listening')).address as string;
  await vi.waitUntil(async () => (await waitingMedia(dashboard, archive)) === 20, patience);
  await fleet.kill(scheduler, 'SIGTERM');
  await fleet.kill(fetching, 'SIGTERM');

  // No media worker is running: it would take some of the jobs before the scheduler has read the new config.json.
  edit(archive, {});
  expect(await plan(fleet), fleet.troubles()).toBe(0);
  expect(fleet.log.findLast((it) => it.msg === 'planning')?.dropped).toBe(20);
  expect(await db.message.count()).toBe(20);
});

test(
  'an invalid config.json leaves the fleet running; the scheduler reports the errors, and uses it once it is valid',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const cats = world.addChannel({ title: 'Cats' });
    cats.addMessages(10);
    edit(archive, { [cats.id.toString()]: {} }, { sync_interval: 1 });
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    expect(await plan(fleet), fleet.troubles()).toBe(0);

    writeFileSync(join(archive.env.appdata, 'config.json'), '{ "tg": { "api_id": 1, } ');
    const scheduler = fleet.start('scheduler');
    const reported = await fleet.until((it) => it.app === 'scheduler' && it.level === 'error');
    expect(reported.reason).toMatch(/line 1, column/);
    cats.addMessages(5);
    await vi.waitUntil(async () => (await stored(db, cats.id)) === 15, patience);

    edit(archive, { [cats.id.toString()]: {} });
    await fleet.until((it) => it.msg === 'dashboard listening' && fleet.log.indexOf(it) > fleet.log.indexOf(reported));
    await fleet.kill(scheduler, 'SIGTERM');
  },
);

test(
  'a new error is reported again, and nobody waits for a database that only the invalid file names',
  { tags: 'thorough' },
  async ({ world, archive, fleet }) => {
    const cats = world.addChannel({ title: 'Cats' });
    const file = join(archive.env.appdata, 'config.json');
    archive.env.healthPort = await freePort();
    const readyz = async () => {
      const url = `http://127.0.0.1:${archive.env.healthPort}/readyz`;
      const answer = await fetch(url, { headers: asOwner(archive.env) }).catch(() => undefined);
      const report = (await answer?.json()) as { problems: Record<string, string> } | undefined;
      return report?.problems['config'] ?? '';
    };
    const untilReported = (text: string) => vi.waitUntil(async () => (await readyz()).includes(text), patience);
    writeFileSync(file, '{ "db": { "url": "postgresql://nobody@127.0.0.1:1/none" }, "tg": { "api_id": "none" } }');
    fleet.start('scheduler');
    await fleet.until((it) => it.msg === 'waiting for the database');
    await untilReported('tg.api_id');
    writeFileSync(file, '{ "db": { "url": "postgresql://nobody@127.0.0.1:1/none" }, "tg": { "chats": 5 } }');
    await untilReported('tg.chats');
    edit(archive, { [cats.id.toString()]: {} });
    await fleet.until((it) => it.msg === 'planning');
    await fleet.stop();
  },
);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
