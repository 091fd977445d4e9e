/** ranges.test.ts: exactly what is wanted is read: ranges, chats with shared ids, gaps, a migrated group, a chat we were removed from. */
import { test } from '@tgsync/testing';
import { expect } from 'vitest';
import { expectWhole } from './whole.js';

test(
  'a range is read exactly, widening it reads the rest only, and nothing is read twice',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessages(1000);
    archive.configure({ [chat.id.toString()]: { range: [300, 450] } }, { tg: { message_limit: 40 } });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const ids = async () =>
      (await db.message.findMany({ orderBy: { id: 'asc' }, select: { id: true } })).map((it) => Number(it.id));
    expect(await ids()).toEqual(Array.from({ length: 151 }, (_, index) => 300 + index));

    archive.configure({ [chat.id.toString()]: { range: [290, 0] } }, { tg: { message_limit: 40 } });
    telegram.resetCounters();
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(await ids()).toEqual(Array.from({ length: 711 }, (_, index) => 290 + index));
    // 10 and 550 messages in windows of 40, each one page and at most one request for its end.
    expect(telegram.counters().calls['messages.getHistory']).toBeLessThanOrEqual(2 * (1 + 1 + 14));
    const { fromId, toId } = (await db.coverage.findMany())[0]!;
    expect([fromId, toId, await db.coverage.count()]).toEqual([290n, 1000n, 1]);
  },
);

test(
  'chats that share ids, with gaps of any size, are read completely',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const [ann, bob] = [world.addUser({ title: 'Ann' }), world.addUser({ title: 'Bob' })];
    const group = world.addGroup({ title: 'Family' });
    for (let round = 0; round < 30; round++) {
      ann.addMessages(7);
      bob.addMessages(5);
      group.addMessages(3);
    }
    for (const { id } of [...ann.messages].filter((it) => it.id % 3 === 0)) ann.deleteMessage(id);
    archive.configure(Object.fromEntries([ann, bob, group].map((it) => [it.id.toString(), {}])), {
      tg: { message_limit: 50 },
    });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
  },
);

test(
  'a supergroup with a gap of thousands of ids is complete',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const holes = world.addSupergroup({ title: 'Holes' });
    holes.addMessages(150);
    holes.skipIds(2500);
    holes.addMessages(30);
    archive.configure({ [holes.id.toString()]: {} }, { tg: { message_limit: 200 } });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
  },
);

test(
  'a group that became a supergroup is reported; a channel that removed us affects only that chat',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const group = world.addGroup({ title: 'Club' });
    group.addMessages(20);
    const closed = world.addChannel({ title: 'Closed' });
    closed.addMessages(20);
    const moved = world.migrate(group);
    moved.addMessages(10);
    closed.removed = true;
    const configure = (chats: { id: bigint }[]) =>
      archive.configure(Object.fromEntries(chats.map((it) => [it.id.toString(), {}])));
    configure([group, closed]);
    expect(await fleet.runOnce()).toBe(1);
    const said = fleet.log.filter((it) => it.msg.includes('became a supergroup')).map((it) => it.reason);
    expect(said).toEqual([`${group.id} continues as ${moved.id}; add that id to tg.chats`]);
    configure([group, moved, closed]);
    expect(await fleet.runOnce()).toBe(1);
    const row = await db.dialog.findFirstOrThrow({ where: { chatId: closed.id } });
    expect(row).toMatchObject({ state: 'unreadable' });
    expect(row.retryAt!.getTime()).toBeGreaterThan(Date.now());
    const stored = await db.message.groupBy({ by: ['chatId'], _count: true });
    const expected = (await world.inventory()).messages.filter((it) => it.chatId !== closed.id);
    expect(stored.reduce((sum, it) => sum + it._count, 0)).toBe(expected.length);
  },
);
