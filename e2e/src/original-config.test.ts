/** original-config.test.ts: the config.json of the original tool's later versions runs unchanged: its names, its folders, its proxy. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { patience, test } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { tgsync } from './command-line.js';
import { startSocksProxy } from './socks-proxy.js';
import { expectFiles, expectWhole } from './whole.js';

test('its names, folders, log level and proxy are understood by every app', async ({ world, archive, fleet, db }) => {
  const cats = world.addChannel({ title: 'Cats' });
  cats.addMessage({ text: 'photo', photo: world.addPhoto({ dc: 2 }) });
  cats.addMessage({ text: 'file', document: world.addDocument({ dc: 4, size: 300_000, name: 'notes.pdf' }) });
  const [media, temp] = [join(archive.env.data, 'finished'), join(archive.env.data, 'unfinished')];
  archive.env.defaultFolders = ['media', 'temp'];
  const proxy = await startSocksProxy('ann', 'p@ss word');
  try {
    const login = { rdns: true, username: 'ann', password: 'p@ss word' };
    archive.configure(
      { [cats.id.toString()]: { range: [1, 0] } },
      {
        log: { level: 'DEBUG', dir: null },
        tg: { message_limit: 2000, proxy: { proxy_type: 'socks5', addr: '127.0.0.1', port: proxy.port, ...login } },
        download: { media, incomplete: temp, concurrent: 3, timeout: 60, summary_interval: 5 },
      },
    );
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(proxy.connections).toBeGreaterThan(0);
  } finally {
    proxy.close();
  }
  const moved = { ...archive, env: { ...archive.env, media, temp } };
  await expectWhole(world, moved, db);
  expect([archive.env.media, archive.env.temp].map((it) => existsSync(it))).toEqual([false, false]);
  expect((await db.settings.findFirst())?.value).toMatchObject({
    logLevel: 'debug',
    concurrentDownloads: 3,
    requestTimeout: 60,
    progressSummaryInterval: 5,
  });
  const verified = await tgsync(archive.env, ['verify', '--offline']);
  expect(verified, verified.stderr).toMatchObject({ code: 0 });
});

test(
  'folders that the environment names otherwise: the fleet waits and says so, until one of them is gone',
  { tags: 'thorough' },
  async ({ world, archive, fleet }) => {
    const cats = world.addChannel({ title: 'Cats' });
    cats.addMessage({ text: 'photo', photo: world.addPhoto({ dc: 2 }) });
    const wanted = { [cats.id.toString()]: {} };
    archive.configure(wanted, { download: { media: join(archive.env.data, 'other') } });
    fleet.start('media-worker');
    const told = await fleet.until((it) => it.msg === 'waiting for a valid config.json');
    expect(told.reason).toMatch(/download\.media: another folder than TGSYNC_MEDIA/);
    archive.configure(wanted, { download: { media: '/media', incomplete: '/incomplete' } });
    fleet.start('fetch-worker');
    expect(await fleet.exit(fleet.start('scheduler', '--once')), fleet.troubles()).toBe(0);
    const { files } = await world.inventory();
    await vi.waitFor(() => expectFiles(files, archive.env), patience);
  },
);
