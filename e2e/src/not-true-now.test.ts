/** not-true-now.test.ts: what was true when stored may no longer be: it is requested again, and better knowledge is kept. */
import { chatStatuses } from '@tgsync/shared/db';
import { test, patience } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { expectWhole } from './whole.js';

test(
  'beginnings that the history does not show are read by id; if nothing is found, they are recorded as not visible',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const shy = world.addChannel({ title: 'Shy' });
    shy.addMessages(1200);
    shy.hideHead({ newest: 300 });
    const young = world.addChannel({ title: 'Young' });
    young.skipIds(1500);
    young.addMessages(30);
    archive.configure({ [shy.id.toString()]: {}, [young.id.toString()]: {} });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    const reported = new Map((await chatStatuses(db)).map((it) => [it.id, it]));
    expect(reported.get(shy.id)).toMatchObject({ messages: 1200, owedIds: 0n, notVisibleIds: 0n });
    expect(reported.get(young.id)).toMatchObject({ messages: 30, owedIds: 0n, notVisibleIds: 1500n });
    expect(await db.coverage.findMany({ where: { chatId: young.id } })).toMatchObject([{ fromId: 1501n }]);

    telegram.resetCounters();
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(telegram.counters().calls['channels.getMessages']).toBeUndefined();

    // It is looked for again after a month.
    await db.notVisible.updateMany({ data: { sampledAt: new Date(Date.now() - 31 * 86_400_000) } });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(telegram.counters().calls['channels.getMessages']).toBe(2); // of each window
  },
);

test('a changed access hash, relocated files, a pending preview, a partial user', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const news = world.addChannel({ title: 'News' });
  const talk = world.addSupergroup({ title: 'Talk' });
  const ann = world.addUser({ title: 'Ann Other' });
  talk.addMessage({ from: ann, text: 'hello' });
  news.addMessages(3);
  const preview = { url: 'https://example.org/', title: 'Soon', photo: world.addPhoto({ dc: 2, size: 4000 }) };
  const pendingUntil = Math.ceil(Date.now() / 1000) + 5;
  talk.addMessage({ text: 'look', preview: { ...preview, pendingUntil } });
  archive.configure({ [news.id.toString()]: {}, [talk.id.toString()]: {} });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  await expectWhole(world, archive, db);

  world.rotateAccessHash(news);
  news.addMessage({ text: 'with a file', document: world.addDocument({ dc: 4, size: 9000, name: 'a.bin' }) });
  world.min.peer(ann);
  talk.addMessage({ from: ann, text: 'again' });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  await expectWhole(world, archive, db);
  expect(await db.peer.findUnique({ where: { id: ann.id } })).toMatchObject({ name: 'Ann Other' });
});

test(
  'files relocated before they were downloaded: their messages are requested again, at no cost of an attempt',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    const document = world.addDocument({ dc: 4, size: 700_000, name: 'a.bin' });
    const photo = world.addPhoto({ dc: 2, size: 40_000 });
    chat.addMessage({ document });
    chat.addMessage({ photo });
    archive.configure({ [chat.id.toString()]: {} });
    fleet.start('fetch-worker');
    fleet.start('scheduler');
    await vi.waitUntil(async () => (await db.message.count()) === 2, patience);
    world.relocateFiles([document], { dc: 2 });
    world.relocateFiles([photo]);
    fleet.start('media-worker');
    await vi.waitUntil(async () => (await db.message.count({ where: { linked: true } })) === 2, patience);
    expect(fleet.log.filter((it) => it.msg === 'job failed')).toEqual([]);
    await fleet.stop();
    await expectWhole(world, archive, db);
  },
);
