/** upgrade.test.ts: an archive read with an older layer becomes what it would have been if read with the newest one. */
import { closeDb, openDb } from '@tgsync/shared/db';
import { bare, type BareDb } from '@tgsync/shared/db/bare';
import { cloneDatabase, dropDatabase, Fleet, makeArchive, test as base } from '@tgsync/testing';
import { generateWorld, type World } from '@tgsync/telegram-emulator';
import { expect, inject } from 'vitest';
import { expectWhole } from './whole.js';

const test = base.extend<{ world: World }>({
  world: async ({}, use) => {
    await use(generateWorld({ seed: 'upgrade', messages: 60, chats: 3, newer: true }));
  },
});

/** Everything archived, except times and the order of names: of two files with one name, the first gets the better name. */
async function content(db: BareDb) {
  const messages = await db.message.findMany({ orderBy: [{ chatId: 'asc' }, { id: 'asc' }] });
  const media = await db.messageMedia.findMany({
    orderBy: [{ chatId: 'asc' }, { messageId: 'asc' }, { position: 'asc' }],
  });
  return {
    messages,
    media: media.map(({ chatId, messageId, kind, mediaId, via, link }) => [
      chatId,
      messageId,
      kind,
      mediaId,
      via,
      link,
    ]),
  };
}

test(
  'a world read with layer 198 and then with the newest equals one read with the newest',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db, redisUrl }) => {
    const { chats } = await world.inventory();
    const wanted = Object.fromEntries(chats.filter((it) => it.readable).map((it) => [it.id.toString(), {}]));
    archive.configure(wanted, { tg: { layer: 198 } });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const unsupported = await db.message.count({ where: { mediaType: 'MessageMediaUnsupported' } });
    expect(unsupported).toBeGreaterThan(5);
    expect(await db.message.count({ where: { rawLayer: { not: 198 } } })).toBe(0);

    archive.configure(wanted);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    const left = { mediaType: 'MessageMediaUnsupported', rawLayer: 198 };
    expect(await db.message.count({ where: left })).toBe(0);

    const template = inject('templateUrl');
    const url = await cloneDatabase(template);
    const other = makeArchive(url, telegram, redisUrl);
    const otherDb = bare(await openDb(url));
    const otherFleet = new Fleet(other.env);
    try {
      await other.logIn();
      other.configure(wanted);
      expect(await otherFleet.runOnce(), otherFleet.troubles()).toBe(0);
      const [upgraded, atOnce] = [await content(db), await content(otherDb)];
      expect(upgraded.media).toEqual(atOnce.media);
      // What was complete stays as it was sent then, with the older layer's names.
      const rows = (of: typeof upgraded) =>
        of.messages.map(({ raw: _raw, rawLayer: _layer, asOf: _asOf, ...it }) => it);
      expect(rows(upgraded)).toEqual(rows(atOnce));
    } finally {
      await otherFleet.stop();
      await closeDb(otherDb);
      other.remove();
      await dropDatabase(template, url);
    }
  },
);
