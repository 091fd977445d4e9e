/** With "deletions": "mirror" what is deleted in Telegram goes from the archive and the disk, whatever is killed; many at once only when allowed. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BareDb } from '@tgsync/shared/db/bare';
import type { Chat, World } from '@tgsync/telegram-emulator';
import { type Archive, type Fleet, patience, test } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { tgsync } from './command-line.js';

const rarely = { tg: { sync_interval: 3600 } };

interface Parts {
  archive: Archive;
  fleet: Fleet;
  db: BareDb;
}

/** Two chats with a document each and one in both, and enough text for a few deletions to be little. */
function fill(world: World) {
  const [cats, dogs] = ['Cats', 'Dogs'].map((title) => world.addChannel({ title })) as [Chat, Chat];
  const file = (name: string) => world.addDocument({ dc: 2, size: 2000, name });
  const [own, both] = [file('own.txt'), file('both.txt')];
  const ownMessage = cats.addMessage({ text: 'own', document: own });
  const bothMessage = cats.addMessage({ text: 'both', document: both });
  dogs.addMessage({ text: 'both', document: both });
  for (const it of [cats, dogs]) it.addMessages(20);
  return { cats, dogs, own, both, ids: [ownMessage.id, bothMessage.id] };
}

/** Resolves when everything is stored and linked, and updates are applied. Returns the media worker. */
async function untilLive({ archive, fleet, db }: Parts, chats: Record<string, object>) {
  archive.configure(chats, rarely);
  for (const app of ['scheduler', 'fetch-worker'] as const) fleet.start(app);
  const worker = fleet.start('media-worker');
  const count = Object.keys(chats).length;
  await vi.waitUntil(async () => (await db.dialog.count({ where: { liveTop: { not: null } } })) === count, patience);
  await vi.waitUntil(async () => (await db.messageMedia.count({ where: { link: 'linked' } })) === 3, patience);
  await vi.waitUntil(async () => (await db.coverage.count()) === count, patience);
  return worker;
}

const isVerified = async ({ archive }: Pick<Parts, 'archive'>) => {
  const { stdout } = await tgsync(archive.env, ['verify', '--offline', '--json']);
  const findings = stdout
    .trim()
    .split('\n')
    .map((it) => JSON.parse(it) as { kind?: string; path?: string });
  expect(findings.filter((it) => it.kind !== undefined)).toEqual([]);
};

test('a deleted message goes with its link; a file stays unless it was asked for and nobody needs it', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const { cats, dogs, own, both, ids } = fill(world);
  const mirror = { deletions: 'mirror', delete_files: true };
  await untilLive({ archive, fleet, db }, { [`${cats.id}`]: mirror, [`${dogs.id}`]: {} });
  const { media } = archive.env;
  const repo = (id: bigint) => join(media, 'documents-by-id', `${id}.txt`);
  cats.deleteMessages(ids);
  await vi.waitUntil(
    // In this order: the links are noted together with the removal of the messages.
    async () => (await db.message.count({ where: { chatId: cats.id } })) === 20 && (await db.unlinking.count()) === 0,
    patience,
  );
  expect(readdirSync(join(media, `${cats.id}`))).toEqual([]);
  expect(existsSync(repo(own.id))).toBe(false);
  expect(existsSync(repo(both.id))).toBe(true);
  expect(readdirSync(join(media, `${dogs.id}`))).toHaveLength(1);
  expect(await db.document.findMany()).toMatchObject([{ id: both.id, state: 'saved' }]);

  // The file is wanted again by a new message.
  cats.addMessage({ text: 'again', document: own });
  await vi.waitUntil(async () => (await db.document.findUnique({ where: { id: own.id } }))?.saved, patience);
  expect(existsSync(repo(own.id))).toBe(true);
});

test(
  'what is killed in between is done later, and verify and repair neither complain nor bring anything back',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const { cats, dogs, own, ids } = fill(world);
    const parts = { archive, fleet, db };
    const worker = await untilLive(parts, { [`${cats.id}`]: { deletions: 'mirror' }, [`${dogs.id}`]: {} });
    await fleet.kill(worker);
    cats.deleteMessages(ids);
    await vi.waitUntil(async () => (await db.unlinking.count()) === 2, patience);
    const folder = join(archive.env.media, `${cats.id}`);
    expect(readdirSync(folder)).toHaveLength(2);
    await isVerified(parts);
    rmSync(join(folder, readdirSync(folder)[0]!)); // as by a run that was killed before it could say so
    fleet.start('media-worker');
    await vi.waitUntil(async () => (await db.unlinking.count()) === 0, patience);
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync(join(archive.env.media, 'documents-by-id', `${own.id}.txt`))).toBe(true); // it was not asked for
    await isVerified(parts);
    const { stdout } = await tgsync(archive.env, ['repair', '--json']);
    expect(stdout).not.toContain(`${own.id}`);
    expect(readdirSync(folder)).toEqual([]);
    expect(await db.message.count({ where: { chatId: cats.id } })).toBe(20);
  },
);

test(
  'what was kept goes after the person allows it, and nothing comes back when it is kept again',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const { cats, dogs } = fill(world);
    const [catsId, dogsId] = [`${cats.id}`, `${dogs.id}`];
    await untilLive({ archive, fleet, db }, { [catsId]: {}, [dogsId]: {} });
    cats.deleteMessages([...cats.messages].slice(0, 15).map((it) => it.id));
    const deleted = () => db.message.count({ where: { deletedAt: { not: null } } });
    await vi.waitUntil(async () => (await deleted()) === 15, patience);
    const refused = await tgsync(archive.env, ['deletions', 'allow', catsId]);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain('not "mirror"');

    await fleet.stop();
    archive.configure({ [catsId]: { deletions: 'mirror' }, [dogsId]: {} }, rarely);
    for (const app of ['scheduler', 'fetch-worker', 'media-worker'] as const) fleet.start(app);
    await fleet.until((it) => it.msg === 'deleted messages wait for an answer');
    const question = `15 messages of Cats (${catsId}) were deleted in Telegram`;
    await vi.waitUntil(async () => (await tgsync(archive.env, ['status'])).stdout.includes(question), patience);
    expect(await deleted()).toBe(15);
    expect((await tgsync(archive.env, ['deletions', 'allow', catsId])).stdout).toMatch(
      /^15 messages of Cats will be removed/,
    );
    await vi.waitUntil(async () => (await deleted()) === 0 && (await db.unlinking.count()) === 0, patience);
    expect(await db.message.count({ where: { chatId: cats.id } })).toBe(7);
    expect(readdirSync(join(archive.env.media, catsId))).toEqual([]);

    await fleet.stop();
    archive.configure({ [catsId]: {}, [dogsId]: {} }, rarely);
    for (const app of ['scheduler', 'fetch-worker'] as const) fleet.start(app);
    cats.addMessage({ text: 'new' });
    await vi.waitUntil(async () => (await db.message.count({ where: { chatId: cats.id } })) === 8, patience);
  },
);

test(
  'a missing message goes only after a second look a day later',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const cats = world.addChannel({ title: 'Cats' });
    cats.addMessages(20);
    const settings = { log: { level: 'debug' }, tg: { sync_interval: 3600, live: false, recheck: false } };
    archive.configure({ [`${cats.id}`]: { deletions: 'mirror' } }, settings);
    fleet.start('fetch-worker');
    const scheduler = fleet.start('scheduler');
    await vi.waitUntil(async () => (await db.message.count()) === 20, patience);
    cats.deleteMessages([5]);
    expect(await tgsync(archive.env, ['resync', `${cats.id}`])).toMatchObject({ code: 0 });
    const missing = () => db.message.findFirst({ where: { deletedReason: 'missing' } });
    await vi.waitUntil(missing, patience);
    await fleet.kill(scheduler);
    expect(await db.message.count()).toBe(20);
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    await db.message.updateMany({ data: { asOf: yesterday } });
    await db.message.updateMany({ where: { id: 5n }, data: { deletedAt: yesterday } });
    fleet.start('scheduler');
    await vi.waitUntil(async () => (await db.message.count()) === 19, patience);
    expect(await missing()).toBeNull();
    const { asked } = await fleet.until((it) => it.msg === 'messages rechecked' && it.reason === 'missing');
    expect(asked).toBe(1);
  },
);
