/** odd-pages.test.ts: odd pages from the server never lead to a gap: coverage records only what is proven. */
import type { Fault } from '@tgsync/telegram-emulator';
import { test } from '@tgsync/testing';
import { expect } from 'vitest';
import { expectWhole } from './whole.js';

const oddities = ['shorter', 'empty', 'unordered', 'doubled', 'miscounted'] as const;

test(
  'pages that are short, empty, out of order, doubled or miscounted, all in one run',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chats = [
      world.addChannel({ title: 'News' }),
      world.addSupergroup({ title: 'Talk' }),
      world.addUser({ title: 'Ann' }),
    ];
    for (const chat of chats) chat.addMessages(700);
    for (const id of [3, 250, 251, 252, 600]) chats[0]!.deleteMessage(id);
    archive.configure(Object.fromEntries(chats.map((it) => [it.id.toString(), {}])), { tg: { message_limit: 200 } });
    const met = oddities.map((oddity, nth) => {
      const fault: Fault = { method: 'messages.getHistory', kind: 'odd-page', oddity, skip: nth * 2, times: 4 };
      return telegram.faults.add(fault);
    });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(met.map((it) => it.hits)).toEqual([4, 4, 4, 4, 4]);
    await expectWhole(world, archive, db);
  },
);

test(
  'a message that cannot be mapped is kept as sent and marked, is counted, and does not block its page',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessages(20);
    // A marked id of more than 64 bits, which no table can hold.
    const from_id = { _: 'peerChannel', channel_id: 2n ** 63n - 1n };
    const odd = chat.addMessage({ text: 'odd', fields: { fwd_from: { _: 'messageFwdHeader', from_id, date: 1 } } });
    chat.addMessages(20);
    archive.configure({ [chat.id.toString()]: {} });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    const unmapped = await db.message.findMany({ where: { mapped: false } });
    expect(unmapped.map((it) => [it.id, it.message, JSON.stringify(it.raw).includes('"odd"')])).toEqual([
      [BigInt(odd.id), '', true],
    ]);
    expect(fleet.log.filter((it) => it.unmapped === 1).map((it) => it.msg)).toEqual([
      'messages this version cannot read are kept as sent for a later version',
    ]);
  },
);
