/** rules.test.ts: of each chat only what its rules want is taken; changed rules decide again what was skipped or still owed, and nothing else. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Archive, type Fleet, patience, test } from '@tgsync/testing';
import type { Chat, World } from '@tgsync/telegram-emulator';
import { expect, vi } from 'vitest';
import { tgsync } from './command-line.js';
import { filesAsked } from './media-queue.js';
import { expectWhole } from './whole.js';

/** Documents of each kind, by the attributes that make them one. */
const kinds = {
  video: { mimeType: 'video/mp4', attributes: [{ _: 'documentAttributeVideo', duration: 3, w: 2, h: 2 }] },
  round: {
    mimeType: 'video/mp4',
    attributes: [{ _: 'documentAttributeVideo', round_message: true, duration: 3, w: 2, h: 2 }],
  },
  voice: { mimeType: 'audio/ogg', attributes: [{ _: 'documentAttributeAudio', voice: true, duration: 3 }] },
  audio: { mimeType: 'audio/mpeg', attributes: [{ _: 'documentAttributeAudio', duration: 3 }] },
  sticker: {
    mimeType: 'image/webp',
    attributes: [{ _: 'documentAttributeSticker', alt: '', stickerset: { _: 'inputStickerSetEmpty' } }],
  },
  animation: {
    mimeType: 'video/mp4',
    attributes: [{ _: 'documentAttributeAnimated' }, { _: 'documentAttributeVideo', duration: 3, w: 2, h: 2 }],
  },
  document: { mimeType: 'application/pdf', attributes: [] },
};

/** One message for each kind, with the kind as its text; returns the ids of the messages by kind. */
function fill(world: World, chat: Chat): Record<string, number> {
  const ids: Record<string, number> = { photo: chat.addMessage({ text: 'photo', photo: world.addPhoto() }).id };
  for (const [kind, it] of Object.entries(kinds))
    ids[kind] = chat.addMessage({ text: kind, document: world.addDocument({ ...it, name: `${kind}.x` }) }).id;
  return ids;
}

/** Ids of the messages that have a file in the chat's folder. */
function linked(archive: Archive, chat: Chat): number[] {
  const folder = join(archive.env.media, `${chat.id}`);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((it) => Number.parseInt(it, 10))
    .sort((a, b) => a - b);
}

const expectDone = async (fleet: Fleet) => expect(await fleet.runOnce(), fleet.troubles()).toBe(0);

test('kinds, a default and a chat of its own; then more is wanted, then nothing', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const [pictures, all, text] = ['Pictures', 'All', 'Text'].map((title) => world.addChannel({ title }));
  const ids = fill(world, pictures!);
  const allIds = fill(world, all!);
  fill(world, text!);
  const configure = (media: unknown, defaults: object = { media: { kind: ['photo', 'round', 'sticker'] } }) =>
    archive.configure(
      { [`${pictures!.id}`]: {}, [`${all!.id}`]: { media }, [`${text!.id}`]: { media: false } },
      { tg: { defaults } },
    );
  configure(true);
  await expectDone(fleet);
  expect(linked(archive, pictures!)).toEqual([ids['photo'], ids['round'], ids['sticker']]);
  expect(linked(archive, all!)).toEqual(Object.values(allIds));
  expect(linked(archive, text!)).toEqual([]);
  expect(await db.message.count()).toBe((await world.inventory()).messages.length);
  expect(await db.message.count({ where: { linked: false } })).toBe(0);
  expect(await db.messageMedia.count({ where: { link: 'skipped' } })).toBe(5 + 8);
  expect(await tgsync(archive.env, ['verify'])).toMatchObject({ code: 0 });

  // What is wanted now is fetched, each file once; what is there stays, though the rules would no longer take it.
  const asked = filesAsked(telegram);
  telegram.resetCounters();
  configure({ kind: 'photo' }, { media: [{ skip: { extension: 'x', kind: ['voice', 'audio'] } }] });
  await expectDone(fleet);
  const more = ['video', 'animation', 'document'].map((kind) => ids[kind]!);
  expect(linked(archive, pictures!)).toEqual(
    [ids['photo'], ids['round'], ids['sticker'], ...more].sort((a, b) => a! - b!),
  );
  expect(linked(archive, all!)).toEqual(Object.values(allIds));
  expect(asked.length).toBe(more.length);
  expect(telegram.counters().calls['messages.getHistory'] ?? 0).toBe(0);
  expect(fleet.log.find((it) => it.msg === 'media decided by the changed rules')).toMatchObject({
    wanted: 3,
    skipped: 0,
  });

  configure(true, {});
  await expectDone(fleet);
  expect(linked(archive, pictures!)).toEqual(Object.values(ids));
  expect(linked(archive, text!)).toEqual([]);
  expect(asked.length).toBe(5);
});

test('a chat with media: false asks Telegram for no file, and changes its mind', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chat = world.addSupergroup({ title: 'Text only' });
  fill(world, chat);
  archive.configure({ [`${chat.id}`]: { media: false } });
  await expectDone(fleet);
  expect(Object.keys(telegram.counters().calls).filter((it) => it.startsWith('upload.'))).toEqual([]);
  archive.configure({ [`${chat.id}`]: {} });
  await expectDone(fleet);
  await expectWhole(world, archive, db);
});

test('by size, name, caption, sender, topic and date', { tags: 'thorough' }, async ({ world, archive, fleet }) => {
  const forum = world.addSupergroup({ title: 'Forum' });
  const ann = world.addUser({ title: 'Ann' });
  const file = (name: string, size: number) => world.addDocument({ name, size });
  const date = Date.UTC(2024, 4, 1) / 1000;
  const add = (it: object) => forum.addMessage({ date, ...it }).id;
  const small = add({ text: 'small', document: file('a.pdf', 1000) });
  const large = add({ text: 'large', document: file('b.pdf', 5000) });
  const named = add({ text: 'x', document: file('Invoice 7.pdf', 9000) });
  const tagged = add({ text: 'keep #archive', document: file('c.bin', 9000) });
  const hers = add({ text: 'hers', from: ann, document: file('d.bin', 9000) });
  const later = add({ text: 'later', date: date + 86_400, document: file('e.bin', 9000) });
  add({ text: 'none of these', date: date + 3600, document: file('f.bin', 9000) });
  const media = [
    { take: { size: { max: '1000' } } },
    { skip: { size: { min: 5000, max: 5000 } } },
    { take: { name: '(?i)^invoice \\d' } },
    { take: { caption: '#archive\\b' } },
    { take: { sender: Number(ann.id) } },
    { take: { date: { since: '2024-05-02' } } },
  ];
  archive.configure({ [`${forum.id}`]: { media } });
  await expectDone(fleet);
  expect(linked(archive, forum)).toEqual([small, named, tagged, hers, later]);
  archive.configure({ [`${forum.id}`]: { media: [...media, { take: { name: 'b' } }, { skip: { topic: 1 } }] } });
  await expectDone(fleet);
  expect(linked(archive, forum)).not.toContain(large); // the first rule that matches decides
});

test('rules change while files are being fetched: the rest is not', async ({ world, telegram, archive, fleet, db }) => {
  const chat = world.addChannel({ title: 'Long' });
  for (let index = 0; index < 60; index++)
    chat.addMessage({ text: 'p', document: world.addDocument({ name: `${index}.bin`, size: 600_000 }) });
  archive.configure({ [`${chat.id}`]: {} }, { tg: { concurrent_downloads: 1 } });
  telegram.faults.add({ method: 'upload.getFile', kind: 'delay', ms: 100 });
  for (const app of ['fetch-worker', 'media-worker'] as const) fleet.start(app);
  const scheduler = fleet.start('scheduler');
  await vi.waitUntil(async () => (await db.document.count({ where: { saved: true } })) > 3, patience);
  await fleet.kill(scheduler, 'SIGTERM');
  archive.configure({ [`${chat.id}`]: { media: false } }, { tg: { concurrent_downloads: 1 } });
  fleet.start('scheduler');
  const links = async (link: string) => await db.messageMedia.count({ where: { link } });
  await vi.waitUntil(async () => (await links('pending')) === 0, patience);
  expect(await links('skipped')).toBeGreaterThan(20);
  expect(linked(archive, chat)).toHaveLength(await links('linked'));
  expect(await links('linked')).toBe(60 - (await links('skipped')));
});
