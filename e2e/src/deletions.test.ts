/** deletions.test.ts: what a person deleted stays deleted, the two `find` commands work as described, and a missing mount is not a deletion. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@tgsync/testing';
import type { World } from '@tgsync/telegram-emulator';
import { expect } from 'vitest';

/** Two chats with the same document, and one photo. */
function fill(world: World) {
  const cats = world.addChannel({ title: 'Cats' });
  const dogs = world.addSupergroup({ title: 'Dogs' });
  const shared = world.addDocument({ dc: 4, size: 700_000, name: 'both.zip', mimeType: 'application/zip' });
  const photo = world.addPhoto({ dc: 1, size: 90_000 });
  cats.addMessages(3);
  cats.addMessage({ text: 'for all', document: shared });
  cats.addMessage({ text: 'a cat', photo });
  dogs.addMessage({ text: 'for all', document: shared });
  return { cats, dogs, shared, photo };
}

test('a deleted repo file stays deleted, even for a new message, and is not recreated from a link', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const { cats, dogs, shared } = fill(world);
  archive.configure({ [cats.id.toString()]: {}, [dogs.id.toString()]: {} });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  const repo = join(archive.env.media, 'documents-by-id', `${shared.id}.zip`);
  execFileSync('rm', [repo]);

  const again = dogs.addMessage({ text: 'once more', document: shared });
  telegram.resetCounters();
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  expect(telegram.counters().calls['upload.getFile'] ?? 0).toBe(0);
  expect(existsSync(repo)).toBe(false);
  expect(readdirSync(join(archive.env.media, dogs.id.toString()))).toEqual(['1 both.zip']);
  const row = await db.messageMedia.findFirstOrThrow({ where: { chatId: dogs.id, messageId: BigInt(again.id) } });
  expect(row.link).toBe('absent');
  expect(await db.message.count({ where: { linked: false } })).toBe(0);
});

test(
  '`find -samefile -delete` deletes one media everywhere, `-links 1 -delete` removes only orphans',
  { tags: 'thorough' },
  async ({ world, archive, fleet }) => {
    const { cats, dogs, shared, photo } = fill(world);
    archive.configure({ [cats.id.toString()]: {}, [dogs.id.toString()]: {} });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const { media } = archive.env;
    const repos = [join(media, 'photo-by-id'), join(media, 'documents-by-id')];

    execFileSync('find', [...repos, '-links', '1', '-delete']);
    expect(existsSync(join(repos[0]!, `${photo.id}.jpg`))).toBe(true);
    expect(existsSync(join(repos[1]!, `${shared.id}.zip`))).toBe(true);

    execFileSync('find', [media, '-samefile', join(media, cats.id.toString(), '4 both.zip'), '-delete']);
    expect(existsSync(join(repos[1]!, `${shared.id}.zip`))).toBe(false);
    expect(existsSync(join(media, dogs.id.toString(), '1 both.zip'))).toBe(false);

    execFileSync('rm', [join(media, cats.id.toString(), `5_${photo.id}.jpg`)]);
    expect(lstatSync(join(repos[0]!, `${photo.id}.jpg`)).nlink).toBe(1);
    execFileSync('find', [...repos, '-links', '1', '-delete']);
    expect(readdirSync(repos[0]!)).toEqual([]);
  },
);

test(
  'a media folder that is not mounted is refused, and nothing is concluded from it',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const { cats } = fill(world);
    archive.configure({ [cats.id.toString()]: {} });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    renameSync(archive.env.media, `${archive.env.media}-away`);

    const worker = fleet.start('media-worker');
    expect(await fleet.exit(worker)).toBe(78);
    expect(fleet.log.find((it) => it.level === 'fatal')?.reason).toMatch(
      /not the media folder of this archive.*marker/s,
    );
    expect(existsSync(archive.env.media)).toBe(false);
    expect(await db.messageMedia.count({ where: { link: 'absent' } })).toBe(0);

    renameSync(`${archive.env.media}-away`, archive.env.media);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  },
);
