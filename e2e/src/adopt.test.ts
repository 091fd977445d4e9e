/** adopt.test.ts: the database is lost but the files are there: a new one takes them over, and downloads nothing twice. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closeDb, openDb } from '@tgsync/shared/db';
import { bare } from '@tgsync/shared/db/bare';
import { cloneDatabase, dropDatabase, Fleet, makeArchive, test } from '@tgsync/testing';
import { expect, inject } from 'vitest';
import { tgsync } from './command-line.js';
import { expectWhole } from './whole.js';

test(
  'a new database adopts the files of a lost one, each checked against Telegram’s hashes',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, redisUrl }) => {
    const [news, talk] = [world.addChannel({ title: 'News' }), world.addSupergroup({ title: 'Talk' })];
    const shared = world.addDocument({ dc: 4, size: 700_000, name: 'shared.bin' });
    for (const chat of [news, talk]) chat.addMessage({ text: 'file', document: shared });
    for (let nth = 0; nth < 4; nth++) {
      news.addMessage({ text: 'photo', photo: world.addPhoto({ dc: 2, size: 30_000 }) });
      talk.addMessage({ text: 'file', document: world.addDocument({ dc: 2, size: 5000 + nth, name: `${nth}.bin` }) });
    }
    const chats = { [news.id.toString()]: {}, [talk.id.toString()]: {} };
    archive.configure(chats);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await fleet.stop();

    const url = await cloneDatabase(inject('templateUrl'));
    const other = makeArchive(url, telegram, redisUrl);
    const successor = new Fleet(Object.assign(other.env, { media: archive.env.media, temp: archive.env.temp }));
    const db = bare(await openDb(url));
    try {
      await other.logIn();
      other.configure(chats);
      expect(await successor.exit(successor.start('media-worker'))).toBe(78);
      expect(successor.troubles()).toMatch(/belongs to a different archive.*tgsync -- adopt`/);
      expect(await tgsync(other.env, ['adopt'], ['no'])).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('Nothing was changed'),
      });
      const adopted = await tgsync(other.env, ['adopt'], ['yes']);
      expect(adopted, adopted.stderr).toMatchObject({ code: 0 });
      expect(adopted.stderr).toMatch(/4 photos and 5 documents of archive [\da-f-]{36}.*Adopt the files\?/);

      // With one wrong byte it is not Telegram's file, and stays where it is.
      const corrupted = join(other.env.media, 'documents-by-id', `${shared.id}.bin`);
      const bytes = readFileSync(corrupted);
      bytes[300_000]! ^= 1;
      writeFileSync(corrupted, bytes);
      const before = telegram.counters().calls['upload.getFile'] ?? 0;
      expect(await successor.runOnce()).toBe(1);
      expect(successor.troubles()).toMatch(
        new RegExp(`${shared.id}.bin is already there, but its bytes differ from Telegram's`),
      );
      expect(telegram.counters().calls['upload.getFile']! - before).toBeLessThanOrEqual(2); // parts of the corrupted one
      bytes[300_000]! ^= 1;
      writeFileSync(corrupted, bytes);
      await db.document.updateMany({ where: { state: 'failed' }, data: { state: 'owed', attempts: 0, sha256: null } });
      expect(await successor.runOnce(), successor.troubles()).toBe(0);
      expect(telegram.counters().calls['upload.getFile']! - before).toBeLessThanOrEqual(2);
      expect((await tgsync(other.env, ['repair'])).code).toBe(0); // the right bytes came but their name was taken
      await expectWhole(world, other, db);
      expect((await tgsync(other.env, ['verify', '--deep'])).code).toBe(0);
      expect(existsSync(join(other.env.media, '.tgsync-archive'))).toBe(true);
      expect((await tgsync(archive.env, ['adopt', '--yes'])).stderr).toMatch(/already has files/);
    } finally {
      await successor.stop();
      await closeDb(db);
      await dropDatabase(inject('templateUrl'), url);
      rmSync(other.env.appdata, { recursive: true });
    }
  },
);
