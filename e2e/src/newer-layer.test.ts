/** newer-layer.test.ts: what a server sends from a layer unknown to this version does not affect anything else. */
import { chatStatuses } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { test } from '@tgsync/testing';
import type { Chat, Message } from '@tgsync/telegram-emulator';
import { expect } from 'vitest';
import { expectWhole } from './whole.js';

const wanted = (...chats: Chat[]) => Object.fromEntries(chats.map((it) => [it.id.toString(), {}]));

/** What is known of the messages that could not be read, newest chat last. */
async function unread(db: BareDb) {
  const rows = await db.message.findMany({ where: { mapped: false }, orderBy: [{ chatId: 'asc' }, { id: 'asc' }] });
  return rows.map((it) => [
    it.chatId,
    Number(it.id),
    it.unreadConstructor,
    it.message,
    it.date && it.date.getTime() / 1000,
  ]);
}

const known = (chat: Chat, { id, date }: Message, constructor: string, text: string) => [
  chat.id,
  id,
  constructor,
  text,
  date,
];
const unknown = (chat: Chat, { id }: Message, constructor: string) => [chat.id, id, constructor, null, null];

test(
  'unreadable messages, the newest and others: each is recorded with its constructor, and all others are stored, in all chats',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const talk = world.addSupergroup({ title: 'Talk' });
    talk.addMessages(400);
    const ann = world.addUser({ title: 'Ann' });
    const news = world.addChannel({ title: 'News' });
    for (const chat of [ann, news]) chat.addMessages(150);
    const between = ann.addMessage({ text: 'between', newer: {} });
    const whole = news.addMessage({ text: 'whole', newer: { part: 'message' } });
    ann.addMessages(150);
    const action = ann.addMessage({
      action: { _: 'messageActionHistoryClear' },
      newer: { part: 'action', constructorId: 0x12345678 },
    });
    for (const chat of [ann, news]) chat.addMessages(250);
    const quiet = world.addChannel({ title: 'Quiet' });
    quiet.addMessages(120);
    archive.configure(wanted(talk, ann, news, quiet));
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    const newest = talk.addMessage({ text: 'a riddle', newer: { constructorId: 0x0badcafe } });
    for (const chat of [ann, news, quiet]) chat.addMessages(3);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    expect(await unread(db)).toEqual(
      [
        unknown(news, whole, 'deadbeef'),
        known(talk, newest, '0badcafe', 'a riddle'),
        known(ann, between, 'deadbeef', 'between'),
        known(ann, action, '12345678', ''),
      ].sort((a, b) => Number(a[0]) - Number(b[0])),
    );
    const reported = await chatStatuses(db);
    expect(reported.map((it) => it.state)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(reported.find((it) => it.id === talk.id)!.unread).toEqual([{ constructor: '0badcafe', messages: 1 }]);
    // Work continues: newer messages come.
    talk.addMessages(5);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
  },
);

test('a chat whose newest message does not even have a readable date, and an unreadable user', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const talk = world.addSupergroup({ title: 'Talk' });
  talk.addMessages(130);
  const ann = world.addUser({ title: 'Ann' });
  talk.addMessage({ from: ann, text: 'hello' });
  const news = world.addChannel({ title: 'News' });
  news.addMessages(10);
  news.addMessage({ text: 'whole', newer: { part: 'message' } });
  const quiet = world.addChannel({ title: 'Quiet' });
  quiet.addMessages(20);
  world.newer.peer(ann);
  archive.configure(wanted(talk, news, quiet));
  // Peers missing from Telegram's answer cannot be requested; the others are read.
  expect(await fleet.runOnce(), fleet.troubles()).toBe(1);
  const reported = new Map((await chatStatuses(db)).map((it) => [it.id, it]));
  expect(reported.get(quiet.id)).toMatchObject({ state: 'ok', messages: 20, owedIds: 0n });
  expect(reported.get(news.id)!.reason).toMatch(/0xdeadbeef/);
});
