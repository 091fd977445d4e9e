/** disk.test.ts: a disk that is full, read-only or limited makes downloads wait or is reported clearly; no attempt is used, no byte is lost. */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { currentTroubles } from '@tgsync/shared/db';
import type { World } from '@tgsync/telegram-emulator';
import { type Archive, type Fleet, type LogEntry, test, patience } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { asOwner } from './dashboard-login.js';
import { expectWhole } from './whole.js';

const partSize = 512 * 1024;
const attemptsUsed = (fleet: Fleet) => fleet.log.filter((it) => it.msg === 'job failed').length;

function fill(world: World, archive: Archive, download: object = {}, media: object = {}) {
  const chat = world.addChannel({ title: 'News' });
  for (let count = 0; count < 6; count++)
    chat.addMessage({ text: 'file', document: world.addDocument({ dc: 4, size: 1_500_000, name: `f${count}.bin` }) });
  archive.configure({ [chat.id.toString()]: {} }, { download, media });
  return chat;
}

test('too little free space: downloads wait, which is shown everywhere, and resume by themselves', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  fill(world, archive, { min_free_space: '1 MiB' });
  fleet.diskFaults({ call: 'statfs', path: '/media', free: 1_000_000 });
  fleet.start('fetch-worker');
  fleet.start('media-worker');
  const scheduler = fleet.start('scheduler', '--once');
  const reported = await fleet.until((it) => it.app === 'media-worker' && it.level === 'warn');
  expect(reported.reason).toMatch(/media has .+ free, less than download.min_free_space \(1 MiB\)/);
  await vi.waitUntil(async () => (await db.message.count()) === 6, patience);
  expect(await currentTroubles(db)).toEqual([reported.reason]);
  const dashboard = (await fleet.until((it) => it.msg === 'dashboard listening')).address as string;
  await vi.waitUntil(
    async () =>
      (await (await fetch(`${dashboard}/readyz`, { headers: asOwner(archive.env) })).text()).includes('min_free_space'),
    patience,
  );
  expect(telegram.counters().calls['upload.getFile'] ?? 0).toBe(0);

  fleet.diskFaults();
  expect(await fleet.exit(scheduler), fleet.troubles()).toBe(0);
  expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
  await expectWhole(world, archive, db);
  await vi.waitUntil(async () => (await currentTroubles(db)).length === 0, patience);
});

test(
  'space runs out during a download: nothing more is requested, and the parts stay',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const [count, inFlight] = [128, 16];
    const chat = world.addChannel({ title: 'News' });
    const document = world.addDocument({ dc: 2, size: count * partSize, name: 'long.bin' });
    chat.addMessage({ text: 'long', document });
    archive.configure({ [chat.id.toString()]: {} }, { download: { min_free_space: '1 MiB' } });
    const slow = telegram.faults.add({ method: 'upload.getFile', dc: 2, kind: 'delay', ms: 1000 });
    fleet.diskFaults();
    const run = fleet.runOnce();
    await slow.hit;
    fleet.diskFaults({ call: 'statfs', path: '/temp', free: 0 });
    await fleet.until((it) => it.app === 'media-worker' && String(it.reason).includes('min_free_space'));
    await Promise.race([run, fleet.until((it) => it.msg === 'job rescheduled')]);
    const asked = () => telegram.counters().callsByDc['upload.getFile']?.[2] ?? 0;
    expect(await db.document.findUnique({ where: { id: document.id } })).toMatchObject({ saved: false });
    expect(asked()).toBeLessThan(count);
    slow.remove();
    fleet.diskFaults();
    expect(await run, fleet.troubles()).toBe(0);
    expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    expect(asked()).toBeLessThanOrEqual(count + inFlight); // every part once, plus at most those in flight again
  },
);

test(
  'a file that would not fit is not started, but smaller ones are',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = fill(world, archive, { min_free_space: 0 });
    const large = chat.addMessage({
      text: 'large',
      document: world.addDocument({ dc: 2, size: 30_000_000, name: 'l.bin' }),
    });
    fleet.diskFaults({ call: 'statfs', path: '/temp', free: 20_000_000 });
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    const scheduler = fleet.start('scheduler', '--once');
    await vi.waitUntil(async () => (await db.document.count({ where: { saved: true } })) === 6, patience);
    const waits = await fleet.until((it) => String(it.reason).includes('too little for'));
    expect(waits).toMatchObject({ app: 'media-worker', msg: 'job rescheduled' });
    fleet.diskFaults();
    expect(await fleet.exit(scheduler), fleet.troubles()).toBe(0);
    expect(attemptsUsed(fleet)).toBe(0);
    expect(await db.messageMedia.count({ where: { messageId: large.id, link: 'linked' } })).toBe(1);
  },
);

/** More files than fit on a small disk. */
function fillBeyond(world: World, archive: Archive, minFree: number | string): void {
  const chat = world.addChannel({ title: 'News' });
  for (let count = 0; count < 8; count++) {
    const document = world.addDocument({ dc: 4, size: 6 * 1024 ** 2, name: `f${count}.bin` });
    chat.addMessage({ text: 'file', document });
  }
  archive.configure(
    { [chat.id.toString()]: {} },
    { tg: { concurrent_downloads: 6 }, download: { min_free_space: minFree } },
  );
}

test(
  'unfinished files that fill the disk do not block each other, even with two workers',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    fillBeyond(world, archive, 0);
    fleet.diskFaults();
    fleet.start('fetch-worker');
    const workers = (['media-worker', 'media-worker'] as const).map((it) => fleet.start(it));
    const scheduler = fleet.start('scheduler', '--once');
    // Started side by side until nothing more fitted, as older versions did.
    const slow = telegram.faults.add({ method: 'upload.getFile', kind: 'delay', ms: 100 });
    mkdirSync(archive.env.temp, { recursive: true });
    const partsOf = () => readdirSync(archive.env.temp).filter((it) => existsSync(join(archive.env.temp, it, 'bytes')));
    await vi.waitUntil(() => partsOf().length === 8, patience);
    const bytesOf = (it: string) => lstatSync(join(archive.env.temp, it, 'bytes'), { throwIfNoEntry: false });
    const size = () => partsOf().reduce((sum, it) => sum + (bytesOf(it)?.blocks ?? 0) * 512, 0);
    await vi.waitUntil(() => size() > 15 * 1024 ** 2, patience);
    fleet.diskFaults({ call: 'capacity', path: '/temp', free: 16 * 1024 ** 2 });
    await fleet.until((it) => it.app === 'media-worker' && it.msg === 'downloads paused');
    slow.remove();
    expect(await fleet.exit(scheduler), fleet.troubles()).toBe(0);
    expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    expect(workers.every((it) => it.exitCode === null)).toBe(true);
    await fleet.until((it) => it.msg.startsWith('discarded parts of a download'));
    await expectWhole(world, archive, db);
  },
);

test(
  'on a disk too small for all parallel downloads, as many run as fit',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    fillBeyond(world, archive, '1 MiB');
    fleet.diskFaults({ call: 'capacity', path: '/temp', free: 16 * 1024 ** 2 });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    expect(fleet.log.filter((it) => it.msg.startsWith('discarded parts of a download'))).toEqual([]);
    await expectWhole(world, archive, db);
  },
);

const refusals: { call: string; path: string; dest?: string; code: string }[] = [
  { call: 'write', path: '/temp/', code: 'ENOSPC' },
  { call: 'rename', path: '/temp/', dest: '/media/', code: 'ENOSPC' }, // small files still fit
  { call: 'write', path: '/bytes', code: 'EDQUOT' }, // and here
  { call: 'open', path: '/temp/', code: 'EROFS' },
  { call: 'open', path: '/temp/', code: 'EACCES' },
  { call: 'sync', path: '/temp/', code: 'EIO' },
  { call: 'open', path: '/temp/', code: 'ESTALE' },
];

test(
  'a full, read-only, inaccessible or broken disk: downloads wait with its reason, and resume once it works again',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessage({ text: 'the first' });
    archive.configure({ [chat.id.toString()]: {} }, { tg: { sync_interval: 1 } });
    fleet.diskFaults();
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    fleet.start('scheduler');
    let files = 0;
    for (const fault of refusals) {
      const seen = fleet.log.length;
      const since = (matches: (it: LogEntry) => boolean) =>
        fleet.until((it) => fleet.log.indexOf(it, seen) >= 0 && it.app === 'media-worker' && matches(it));
      fleet.diskFaults(fault);
      chat.addMessage({
        text: 'file',
        document: world.addDocument({ dc: 4, size: 1_100_000, name: `f${++files}.bin` }),
      });
      const reported = await since((it) => it.level === 'warn');
      expect(reported.reason).toContain(`(${fault.code})`);
      await vi.waitUntil(async () => (await currentTroubles(db)).join().includes(fault.code), patience);
      fleet.diskFaults();
      await since((it) => it.msg === 'downloads resumed');
      await vi.waitUntil(async () => (await db.document.count({ where: { saved: true } })) === files, patience);
    }
    expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    await vi.waitUntil(() => readdirSync(archive.env.temp).length === 0, patience);
    await expectWhole(world, archive, db);
  },
);

test('/temp and /media on two mounts', { tags: 'thorough' }, async ({ world, archive, fleet, db }) => {
  fill(world, archive);
  fleet.diskFaults({ call: 'rename', path: '/temp/', dest: '/media/', code: 'EXDEV' });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  await expectWhole(world, archive, db);
});

test('on two mounts a file needs space in /media, too', { tags: 'thorough' }, async ({ world, archive, fleet, db }) => {
  const chat = fill(world, archive, { min_free_space: 0 });
  chat.addMessage({ text: 'large', document: world.addDocument({ dc: 2, size: 30_000_000, name: 'l.bin' }) });
  const twoMounts = { call: 'rename', path: '/temp/', dest: '/media/', code: 'EXDEV' };
  fleet.diskFaults(twoMounts, { call: 'statfs', path: '/media', free: 20_000_000 });
  const run = fleet.runOnce();
  const waits = fleet.until((it) => String(it.reason).includes('too little for'));
  await Promise.race([run, waits]);
  expect(await db.document.count({ where: { size: 30_000_000, saved: true } })).toBe(0);
  expect((await waits).reason).toContain('/media has');
  fleet.diskFaults(twoMounts);
  expect(await run, fleet.troubles()).toBe(0);
  expect(attemptsUsed(fleet)).toBe(0);
  await expectWhole(world, archive, db);
});

test('a disk without hard links is refused with a remedy', async ({ world, archive, fleet }) => {
  fill(world, archive);
  fleet.diskFaults({ call: 'link', path: '.probe-', code: 'EPERM' });
  expect(await fleet.exit(fleet.start('media-worker'))).toBe(78);
  expect(fleet.troubles()).toMatch(/does not support hard links \(EPERM\).*media.link.*copy.*symlink.*none/);
});

for (const [link, options] of [
  ['copy', { tags: 'thorough' }],
  ['symlink', { tags: 'thorough' }],
] as const)
  test(`media.link "${link}"`, options, async ({ world, archive, fleet, db }) => {
    const chat = fill(world, archive, {}, { link, umask: '027' });
    fleet.diskFaults(
      { call: 'link', path: '/media/-', code: 'EPERM' },
      { call: 'link', path: '.incoming', code: 'EPERM' },
    );
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const repo = join(archive.env.media, 'documents-by-id');
    expect(readdirSync(repo).length).toBe(6);
    expect(readdirSync(join(archive.env.media, '.incoming'))).toEqual([]);
    expect(await db.message.count({ where: { linked: false } })).toBe(0);
    const folder = join(archive.env.media, chat.id.toString());
    const sums = (of: string) =>
      readdirSync(of)
        .map((it) => sha256(join(of, it)))
        .sort();
    expect(sums(folder)).toEqual(sums(repo));
    expect(lstatSync(folder).mode & 0o777).toBe(0o750);
    for (const it of readdirSync(repo)) expect(lstatSync(join(repo, it)).mode & 0o777).toBe(0o640);
    const kinds = readdirSync(folder).map((it) => lstatSync(join(folder, it)).isSymbolicLink());
    expect(new Set(kinds)).toEqual(new Set([link === 'symlink']));
    if (link === 'symlink')
      expect(readlinkSync(join(folder, readdirSync(folder)[0]!))).toMatch(/^\.\.\/documents-by-id\//);
  });

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
