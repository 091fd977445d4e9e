/** pages-in-flight.test.ts: the history of one chat is read several pages at a time, and a flood wait on one of them loses nothing. */
import { test } from '@tgsync/testing';
import { expect } from 'vitest';

test('three pages of a private chat are in flight at once, and flood waits among them cost no attempt', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const ann = world.addUser({ title: 'Ann' });
  const bob = world.addUser({ title: 'Bob' });
  for (let round = 0; round < 100; round++) {
    ann.addMessages(15);
    bob.addMessages(1);
  }
  archive.configure({ [ann.id.toString()]: {} }, { tg: { message_limit: 2000 } });
  const method = 'messages.getHistory';
  // None of these answers is sent before all three calls have been made.
  const together = telegram.faults.add({ method, kind: 'gather', answers: 3, skip: 4, times: 3 });
  const waits = { method, kind: 'error', code: 420, message: 'FLOOD_WAIT_1', skip: 9, every: 3, times: 2 } as const;
  const refused = telegram.faults.add(waits);
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  expect([together.hits, refused.hits]).toEqual([3, 2]);
  expect(fleet.log.filter((it) => it.msg.startsWith('job failed'))).toEqual([]);
  // Fewer calls at once would have waited until their connection was given up.
  expect(fleet.log.filter((it) => it.msg === 'connected to Telegram')).toHaveLength(1);
  const stored = await db.message.findMany({ select: { id: true }, orderBy: { id: 'asc' } });
  expect(stored.map((it) => Number(it.id))).toEqual([...ann.messages].map((it) => it.id));
});
