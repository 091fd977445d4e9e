/** troubles.test.ts: whatever keeps part of the fleet from working is shown on the page, in status and in health; an edit is confirmed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archiveId } from '@tgsync/shared/db';
import { openQueues } from '@tgsync/shared/jobs';
import { test, patience } from '@tgsync/testing';
import { Redis } from 'ioredis';
import { expect, vi } from 'vitest';
import { tgsync } from './command-line.js';
import { asOwner } from './dashboard-login.js';

test(
  'a pause, a rejected folder, an unreachable queue: on the page, in status and in health, until it is over',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessage({ text: 'file', document: world.addDocument({ dc: 2, size: 900, name: 'a.bin' }) });
    archive.configure({ [chat.id.toString()]: {} });
    const { redisUrl, databaseUrl } = archive.env;
    const queues = await openQueues({ redisUrl, databaseUrl: databaseUrl!, archive: await archiveId(db) }, () => {});
    await queues.byName.media.pause();
    const { media } = archive.env;
    mkdirSync(media, { recursive: true });
    writeFileSync(join(media, '.tgsync-archive'), '00000000-0000-4000-8000-000000000000\n');

    const scheduler = fleet.start('scheduler');
    const dashboard = (await fleet.until((it) => it.msg === 'dashboard listening')).address as string;
    const page = async (path: string) =>
      await (await fetch(`${dashboard}${path}`, { headers: asOwner(archive.env) })).text();
    const everywhere = async (pattern: RegExp, isShown = true) =>
      await vi.waitFor(async () => {
        const places = [await page('/troubles'), await page('/readyz'), (await tgsync(archive.env, ['status'])).stdout];
        expect(places.map((it) => pattern.test(it))).toEqual([isShown, isShown, isShown]);
      }, patience);
    await everywhere(/The queue media is paused/);
    expect(await fleet.exit(fleet.start('media-worker'))).toBe(78);
    await everywhere(/media-worker: .*belongs to a different archive.*`npm run -s tgsync -- adopt`/);

    // A restart does not end a pause; a person does.
    await fleet.kill(scheduler, 'SIGTERM');
    const again = fleet.start('scheduler');
    await fleet.until((it) => it.worker === again.pid && it.msg === 'queues paused');
    await queues.byName.media.resume();
    await fleet.until((it) => it.worker === again.pid && it.msg === 'queues resumed');
    await queues.close();

    if (!redisUrl) return;
    const address = (await fleet.until((it) => it.worker === again.pid && it.msg === 'dashboard listening')).address;
    const redis = new Redis(redisUrl);
    await redis.client('PAUSE', 20_000, 'ALL');
    await vi.waitFor(async () => {
      const reported = await fetch(`${address as string}/troubles`, { headers: asOwner(archive.env) });
      expect(await reported.text()).toMatch(/The queue: /);
    }, patience);
    redis.disconnect();
  },
);

test(
  'an edit of config.json is confirmed in one line, and status shows the range',
  { tags: 'thorough' },
  async ({ world, archive, fleet }) => {
    const [news, talk] = [world.addChannel({ title: 'News' }), world.addSupergroup({ title: 'Talk' })];
    for (const it of [news, talk]) it.addMessages(40);
    archive.configure({ [news.id.toString()]: {} });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const reported = () => fleet.log.filter((it) => it.msg === 'config.json has changed');
    expect(reported()).toEqual([]);
    expect(fleet.log.find((it) => it.app === 'scheduler')).toMatchObject({
      msg: 'started',
      version: expect.any(String),
    });
    archive.configure({ [news.id.toString()]: { range: [10, 20] }, [talk.id.toString()]: {} });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(reported().map((it) => it.changes)).toEqual([`added chat ${talk.id}; range of ${news.id}: all → 10–20`]);
    expect((await tgsync(archive.env, ['status'])).stdout).toMatch(/News .* 1–40 of 10–20 /);
    expect((await tgsync(archive.env, ['--version'])).stdout).toMatch(/^tgsync \d+\.\d+\.\d+ \(Node /);
  },
);
