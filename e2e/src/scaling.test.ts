/** scaling.test.ts: any number of media workers, started and stopped at any time; a second fetch worker stands by. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@tgsync/testing';
import type { World } from '@tgsync/telegram-emulator';
import { expect } from 'vitest';
import { calls, expectWhole } from './whole.js';

function fill(world: World, files: number) {
  const chat = world.addChannel({ title: 'Films' });
  for (let count = 0; count < files; count++) {
    chat.addMessage({
      text: 'film',
      document: world.addDocument({ dc: 4, size: 2_000_000 + count, name: `f${count}.mp4` }),
    });
  }
  return chat;
}

test(
  'four media workers share downloads and connections; one is stopped, one killed, one added',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = fill(world, 60);
    archive.configure(
      { [chat.id.toString()]: {} },
      { tg: { concurrent_downloads: 2 }, download: { max_connections: 4 }, log: { level: 'debug' } },
    );
    const most = { open: 0 };
    const watch = telegram.onCall(() => {
      const open = telegram
        .counters()
        .connections.filter((it) => it.dc === 4)
        .reduce((sum, it) => sum + it.open, 0);
      most.open = Math.max(most.open, open);
    });
    fleet.start('fetch-worker');
    const [stopped, killed] = [fleet.start('media-worker'), fleet.start('media-worker'), fleet.start('media-worker')];
    const scheduler = fleet.start('scheduler', '--once');
    await calls(telegram, 'upload.getFile', 40);
    await fleet.kill(stopped, 'SIGTERM');
    await calls(telegram, 'upload.getFile', 20);
    await fleet.kill(killed);
    fleet.start('media-worker');
    expect(await fleet.exit(scheduler), fleet.troubles()).toBe(0);
    watch();
    await fleet.stop();
    await expectWhole(world, archive, db);
    expect(most.open).toBeLessThanOrEqual(4 + 1); // plus one while the key is granted
    const workers = new Set(fleet.log.filter((it) => it.msg === 'saved').map((it) => it.worker));
    expect(workers.size).toBeGreaterThanOrEqual(3);
    expect(fleet.log.filter((it) => it.msg === 'job failed')).toEqual([]);
  },
);

test(
  'a second fetch worker stands by and says so, and takes over when the first is gone',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessages(2000);
    archive.configure({ [chat.id.toString()]: {} }, { tg: { message_limit: 50, lease_ttl: 2 } });
    const first = fleet.start('fetch-worker');
    await fleet.until((it) => it.msg === 'holding the account');
    fleet.start('fetch-worker');
    await fleet.until((it) => it.msg.includes('standing by'));
    fleet.start('media-worker');
    const scheduler = fleet.start('scheduler', '--once');
    await calls(telegram, 'messages.getHistory', 5);
    await fleet.kill(first);
    expect(await fleet.exit(scheduler), fleet.troubles()).toBe(0);
    await fleet.stop();
    await expectWhole(world, archive, db);
    expect(telegram.counters().sessionRuleViolations).toBe(0);
  },
);

test('log.dir: every app writes its own file', { tags: 'thorough' }, async ({ world, archive, fleet }) => {
  const chat = world.addUser({ title: 'Ann' });
  chat.addMessages(3);
  archive.configure({ [chat.id.toString()]: {} }, { log: { dir: '/appdata/logs' } });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  const folder = join(archive.env.appdata, 'logs');
  const files = readdirSync(folder)
    .filter((it) => it.endsWith('.log'))
    .sort();
  expect(files.map((it) => /^[a-z]+(-worker)?/.exec(it)?.[0])).toEqual(['fetch-worker', 'media-worker', 'scheduler']);
  expect(readFileSync(join(folder, files[0]!), 'utf8')).toContain('"msg":"holding the account"');
});
