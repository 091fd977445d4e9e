/** kills.test.ts: each app is killed in the middle of its work; the next one continues where it was. */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { patience, test } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { calls, expectWhole } from './whole.js';

test('with each app in turn killed by SIGKILL, the archive is complete in the end', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chats = [
    world.addChannel({ title: 'News' }),
    world.addSupergroup({ title: 'Talk' }),
    world.addUser({ title: 'Friend' }),
  ];
  for (const [index, chat] of chats.entries()) {
    chat.addMessages(600);
    for (let count = 0; count < 12; count++) {
      chat.addMessage({
        text: 'file',
        document: world.addDocument({ dc: (count % 4) + 1, size: 1_500_000 + index, name: `f${count}.bin` }),
      });
    }
  }
  archive.configure(Object.fromEntries(chats.map((it) => [it.id.toString(), {}])), {
    tg: { message_limit: 100, lease_ttl: 2 },
  });

  let fetching = fleet.start('fetch-worker');
  let loading = fleet.start('media-worker');
  let planning = fleet.start('scheduler');

  await calls(telegram, 'messages.getHistory', 5);
  await fleet.kill(fetching);
  fetching = fleet.start('fetch-worker');

  await calls(telegram, 'upload.getFile', 10);
  await fleet.kill(loading);
  loading = fleet.start('media-worker');

  await calls(telegram, 'upload.getFile', 10);
  await fleet.kill(planning);
  planning = fleet.start('scheduler', '--once');

  expect(await fleet.exit(planning), fleet.troubles()).toBe(0);
  await fleet.stop();
  await expectWhole(world, archive, db);
  expect(telegram.counters().sessionRuleViolations).toBe(0);
});

test.for([
  ['from its own parts', false],
  ['from an older version’s parts', true],
] as const)(
  'a download resumes after its media worker was killed, %s',
  { tags: 'thorough' },
  async ([, isPair], { world, telegram, archive, fleet, db }) => {
    const count = 80;
    const chat = world.addChannel({ title: 'News' });
    const document = world.addDocument({ dc: 4, size: count * 512 * 1024, name: 'film.bin' });
    chat.addMessage({ text: 'file', document });
    archive.configure({ [chat.id.toString()]: {} });
    const asked = () => telegram.counters().calls['upload.getFile'] ?? 0;
    const slow = telegram.faults.add({ method: 'upload.getFile', kind: 'delay', ms: 100 });
    fleet.start('fetch-worker');
    const loading = fleet.start('media-worker');
    const planning = fleet.start('scheduler', '--once');
    const { temp } = archive.env;
    mkdirSync(temp, { recursive: true });
    const recorded = () =>
      readdirSync(temp, { recursive: true, encoding: 'utf8' }).find((it) => it.endsWith('/record'));
    await vi.waitUntil(recorded, patience);
    await fleet.kill(loading);
    // What it had sent has arrived.
    const connections = () => telegram.counters().connections.filter((it) => it.dc === 4 && it.open > 0);
    await vi.waitUntil(() => connections().length === 0, patience);
    const before = asked();
    slow.remove();
    if (isPair) {
      const folder = join(temp, recorded()!, '..');
      renameSync(join(folder, 'bytes'), join(temp, `document-${document.id}.part`));
      renameSync(join(folder, 'record'), join(temp, `document-${document.id}.part.json`));
      rmSync(folder, { recursive: true });
    }
    fleet.start('media-worker');
    expect(await fleet.exit(planning), fleet.troubles()).toBe(0);
    expect(asked() - before).toBeLessThanOrEqual(count - 32); // so many are flushed at a time
    await fleet.stop();
    await expectWhole(world, archive, db);
  },
);
