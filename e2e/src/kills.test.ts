/** kills.test.ts: each app is killed in the middle of its work, without a word; the next one goes on where it was. */
import { test } from '@tgsync/testing';
import { expect } from 'vitest';
import { calls, expectWhole } from './whole.js';

test('killed with SIGKILL, each app in turn, it ends complete', async ({ world, telegram, archive, fleet, db }) => {
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
