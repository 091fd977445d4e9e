/** refused-links.test.ts: a disk that refuses a link, a long name, one more link or a move between its folders blocks nothing else. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BareDb } from '@tgsync/shared/db/bare';
import type { Chat, World } from '@tgsync/telegram-emulator';
import { type Archive, type Fleet, test } from '@tgsync/testing';
import { expect } from 'vitest';
import { tgsync } from './command-line.js';
import { expectWhole } from './whole.js';

const attemptsUsed = (fleet: Fleet) => fleet.log.filter((it) => it.msg === 'job failed').length;

/** Six files in one channel. */
function fill(world: World, archive: Archive): Chat {
  const chat = world.addChannel({ title: 'News' });
  for (let count = 0; count < 6; count++)
    chat.addMessage({ text: 'file', document: world.addDocument({ dc: 4, size: 150_000, name: `f${count}.bin` }) });
  archive.configure({ [chat.id.toString()]: {} });
  return chat;
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** A file in two chats, the second of which came later. */
async function later(world: World, archive: Archive, fleet: Fleet, name = 'x.bin') {
  const [first, second] = [world.addChannel({ title: 'First' }), world.addChannel({ title: 'Second' })];
  const document = world.addDocument({ dc: 2, size: 5000, name });
  first.addMessage({ text: 'file', document });
  archive.configure(Object.fromEntries([first, second].map((it) => [it.id.toString(), {}])));
  fleet.diskFaults();
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  return { first, second, message: second.addMessage({ text: 'again', document }) };
}

const refusedTimes = (fleet: Fleet) => fleet.log.filter((it) => it.msg.startsWith('link refused')).length;
const dueNow = (db: BareDb) => db.messageMedia.updateMany({ data: { linkRetryAt: new Date(0) } });

test(
  'a refused later link is owed with its reason, and retried after some minutes',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const { second, message } = await later(world, archive, fleet);
    fleet.diskFaults({ call: 'link', path: `/media/${second.id}/`, code: 'EPERM' });
    expect(await fleet.runOnce()).toBe(1);
    const pattern = new RegExp(`/media/${second.id}/.*not permitted.*EPERM`);
    expect(fleet.log.find((it) => it.app === 'scheduler' && pattern.test(it.msg + String(it.reason)))).toBeDefined();
    const row = await db.messageMedia.findFirstOrThrow({ where: { messageId: message.id, chatId: second.id } });
    expect(row).toMatchObject({ link: 'pending', linkReason: expect.stringMatching(pattern), linkTries: 1 });
    expect(row.linkRetryAt!.getTime()).toBeGreaterThan(Date.now() + 60_000);
    expect(refusedTimes(fleet)).toBe(1);
    expect((await tgsync(archive.env, ['status'])).stdout).toMatch(/\(not linked\): .*EPERM/);
    expect((await tgsync(archive.env, ['verify'])).stdout).toMatch(pattern);

    fleet.diskFaults();
    expect(await fleet.runOnce()).toBe(1); // not due yet, and not forgotten
    await dueNow(db);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(refusedTimes(fleet)).toBe(1);
    await expectWhole(world, archive, db);
  },
);

test(
  'one folder that refuses links does not block others; a file only for this folder fails with a remedy',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = fill(world, archive);
    const other = world.addChannel({ title: 'Other' });
    other.addMessage({ text: 'file', document: world.addDocument({ dc: 2, size: 5000, name: 'x.bin' }) });
    const shared = world.addDocument({ dc: 2, size: 6000, name: 'y.bin' });
    for (const it of [other, chat]) it.addMessage({ text: 'file', document: shared });
    archive.configure(Object.fromEntries([...world.chats.values()].map((it) => [it.id.toString(), {}])));
    fleet.diskFaults({ call: 'link', path: `/media/${other.id}/`, code: 'EACCES' });
    expect(await fleet.runOnce()).toBe(1);
    expect(await db.document.count({ where: { saved: true } })).toBe(7);
    expect(await db.messageMedia.findMany({ where: { mediaId: shared.id }, orderBy: { link: 'asc' } })).toMatchObject([
      { chatId: chat.id, link: 'linked' },
      { chatId: other.id, link: 'pending', linkReason: expect.stringContaining('EACCES') },
    ]);
    const failed = await db.document.findFirstOrThrow({ where: { saved: false } });
    expect(failed.state).toBe('failed');
    expect(failed.reason).toMatch(new RegExp(`/media/${other.id}/.*no permission to write.*PUID.*EACCES`));
  },
);

test(
  'a file in place of a chat folder blocks only that chat’s links',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const { second } = await later(world, archive, fleet);
    const folder = join(archive.env.media, second.id.toString());
    writeFileSync(folder, 'mine');
    expect(await fleet.runOnce()).toBe(1);
    expect(await db.messageMedia.count({ where: { linkReason: { contains: 'is a file instead of a folder' } } })).toBe(
      1,
    );
    rmSync(folder);
    await dueNow(db);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
  },
);

const tooLong = (longerThan: number) =>
  ['link', 'lstat', 'rename'].map((call) => ({ call, path: '/media/-', code: 'ENAMETOOLONG', longerThan }));
const longName = `${'x'.repeat(200)}.bin`;
const namesIn = (archive: Archive, chat: { id: bigint }) => readdirSync(join(archive.env.media, chat.id.toString()));

test(
  'a file system with shorter names gets shorter names; the maximum length can be set',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const { first, second } = await later(world, archive, fleet, longName);
    fleet.diskFaults(...tooLong(143));
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(namesIn(archive, second)).toEqual([expect.stringMatching(/^\d+ x{100,}\.bin$/)]);
    expect(namesIn(archive, second)[0]).toHaveLength(143);

    const third = world.addChannel({ title: 'Third' });
    third.addMessage({ text: 'file', document: world.addDocument({ dc: 2, size: 700, name: longName }) });
    second.addMessage({ text: 'file', document: world.addDocument({ dc: 2, size: 800, name: 'short.bin' }) });
    const chats = Object.fromEntries([first, second, third].map((it) => [it.id.toString(), {}]));
    archive.configure(chats);
    fleet.diskFaults(...tooLong(110));
    expect(await fleet.runOnce()).toBe(1);
    const failed = await db.document.findFirstOrThrow({ where: { saved: false } });
    expect(failed.reason).toMatch(/choose a smaller media\.max_name_bytes in config\.json \(ENAMETOOLONG\)/);
    archive.configure(chats, { media: { max_name_bytes: 110 } });
    await db.document.updateMany({ where: { saved: false }, data: { state: 'owed', attempts: 0 } });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(namesIn(archive, third)).toEqual([expect.stringMatching(/^\d+ x+\.bin$/)]);
    expect(namesIn(archive, third)[0]).toHaveLength(110);
  },
);

const isCopy = (path: string) => lstatSync(path).nlink === 1;

/** Everything is there, and neither verify nor repair mistakes a copy for anything other than a refused link. */
async function expectRightWithCopies(archive: Archive): Promise<void> {
  expect(await tgsync(archive.env, ['verify', '--deep'])).toMatchObject({ code: 0 });
  const repaired = await tgsync(archive.env, ['repair', '--json']);
  expect(
    repaired.stdout
      .trim()
      .split('\n')
      .map((it) => JSON.parse(it)),
  ).toMatchObject([{ summary: 'done', repaired: 0 }]);
}

test(
  'a file with more links than the disk allows gets a copy for the next ones',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = fill(world, archive);
    fleet.diskFaults({ call: 'link', path: '3 f2.bin', code: 'EMLINK' });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const folder = join(archive.env.media, chat.id.toString());
    expect(readdirSync(folder).length).toBe(6);
    const repo = join(archive.env.media, 'documents-by-id');
    const sums = (of: string) =>
      readdirSync(of)
        .map((it) => sha256(join(of, it)))
        .sort();
    expect(sums(folder)).toEqual(sums(repo));
    expect(isCopy(join(folder, '3 f2.bin'))).toBe(true);
    expect(await db.message.count({ where: { linked: false } })).toBe(0);
    await expectRightWithCopies(archive);
    expect(isCopy(join(folder, '3 f2.bin'))).toBe(true);
  },
);

test(
  'a union of disks that cannot move or link between folders: copies, logged once, and no file fails',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = fill(world, archive);
    const [folder, repo] = [join(archive.env.media, chat.id.toString()), join(archive.env.media, 'documents-by-id')];
    const between = (path: string, dest: string) =>
      ['link', 'rename'].map((call) => ({ call, path, dest, code: 'EXDEV' }));
    fleet.diskFaults(...between('/.incoming/', `/media/${chat.id}/`), ...between('/.incoming/', '/documents-by-id/'));
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(attemptsUsed(fleet)).toBe(0);
    expect(readdirSync(folder).length).toBe(6);
    expect(readdirSync(repo).length).toBe(6);
    expect(readdirSync(join(archive.env.media, '.incoming'))).toEqual([]);
    expect(await db.message.count({ where: { linked: false } })).toBe(0);
    expect(fleet.log.filter((it) => it.msg.includes('union of disks'))).toHaveLength(1);
    await expectRightWithCopies(archive);

    chat.addMessage({ text: 'file', document: world.addDocument({ dc: 2, size: 900, name: 'z.bin' }) });
    fleet.diskFaults(...between('/.incoming/', `/media/${chat.id}/`)); // the repo is on the branch of .incoming
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(isCopy(join(folder, '7 z.bin'))).toBe(true);
    await expectRightWithCopies(archive);
  },
);
