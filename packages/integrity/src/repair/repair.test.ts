/**
 * A repair that is killed anywhere is continued by the next; what a person deleted stays deleted, and an intact copy is never replaced
 * by a wrong file.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archiveId, claimMedia, findMedia } from '@tgsync/shared/db';
import { withClaim } from '@tgsync/shared/media';
import { claimMediaFolder, ClaimLostError, markerName } from '@tgsync/shared/store';
import { test as base, patience } from '@tgsync/testing';
import { describe, expect } from 'vitest';
import { hashFile } from '../disk/inspect.js';
import { checkFiles } from '../verify/check-files.js';
import { beginChecks, verifyFiles } from '../verify/verify.js';
import type { Archive } from '../verify/archive.js';
import { repair as repairFinding } from './repair.js';
import { addChat, addDocument } from '@tgsync/testing/pages';

const ref = { kind: 'document', id: 32n } as const;
const [content, wrong] = ['right', 'wrong'];
const sha256 = createHash('sha256').update(content).digest('hex');

interface Parts {
  archive: Archive;
  repo: string;
  links: string[];
  /** The kinds of findings, and what was done about them. */
  repair: () => Promise<string[]>;
  /** The kinds of findings of `verify --deep`. */
  verifyDeep: () => Promise<string[]>;
}

/** A saved document with a link in two chats, the second of which is no longer wanted. */
const test = base.extend<{ parts: Parts }>({
  parts: async ({ db }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-repair-'));
    const [media, temp] = [join(folder, 'media'), join(folder, 'temp')];
    const archive: Archive = {
      db,
      media,
      temp,
      archiveId: await archiveId(db),
      linkMode: 'hard',
      signal: new AbortController().signal,
      dryRun: false,
    };
    await claimMediaFolder(media, archive.archiveId, false);
    const saved = { state: 'saved', saved: true, fileName: '32.txt', sha256 };
    await addDocument(db, { id: ref.id, size: 5n, ...saved });
    for (const [chatId, wanted] of [[5n, true] as const, [6n, false] as const]) {
      await addChat(db, { id: chatId, kind: 'user', title: 'Friend', wanted });
      const message = { date: new Date(), message: '', raw: {}, rawLayer: 1, linked: true };
      await db.message.create({ data: { id: 7n, chatId, ownerId: chatId, ...message } });
      const link = { position: 0, via: 'media', link: 'linked', linkName: '7 a.txt' };
      await db.messageMedia.create({
        data: { chatId, messageId: 7n, ownerId: chatId, kind: ref.kind, mediaId: ref.id, ...link },
      });
    }
    for (const name of ['documents-by-id', '.incoming', '.damaged', '5', '6']) mkdirSync(join(media, name));
    const repo = join(media, 'documents-by-id', '32.txt');
    const links = ['5', '6'].map((it) => join(media, it, '7 a.txt'));
    writeFileSync(repo, content);
    for (const it of links) linkSync(repo, it);
    const repair = async () => {
      const done: string[] = [];
      const checks = await beginChecks(archive, { deep: false, fresh: false, rate: Infinity });
      for await (const finding of verifyFiles(archive, checks)) {
        const outcome = await repairFinding(archive, finding);
        if (outcome) done.push(`${finding.kind} ${outcome.outcome}`);
      }
      return done;
    };
    const verifyDeep = async () => {
      const kinds: string[] = [];
      const checks = await beginChecks(archive, { deep: true, fresh: false, rate: Infinity });
      for await (const { kind } of verifyFiles(archive, checks)) kinds.push(kind);
      return kinds;
    };
    await use({ archive, repo, links, repair, verifyDeep });
    rmSync(folder, { recursive: true });
  },
});

const found = () => new Date();

test('killed after the file was moved aside, the next repair makes it owed, and it does not count as deleted', async ({
  db,
  parts: { archive, repo, repair },
}) => {
  writeFileSync(repo, wrong);
  await db.document.updateMany({ data: { damagedAt: found() } });
  renameSync(repo, join(archive.media, '.damaged', '32.txt'));
  expect(await repair()).toEqual(['file-moved-aside repaired', 'link-owed owed']);
  expect(await findMedia(db, ref)).toMatchObject({ state: 'owed', fileName: null, sha256: null });
  expect(await db.messageMedia.findMany()).toMatchObject([{ link: 'pending' }, { link: 'pending' }]);
  expect(await db.message.count({ where: { linked: true } })).toBe(0);
  expect(readdirSync(join(archive.media, '.damaged'))).toEqual(['32.txt']);
});

test('a damaged file that the person deleted before the repair stays deleted', async ({
  db,
  parts: { repo, repair },
}) => {
  await db.document.updateMany({ data: { damagedAt: found() } });
  rmSync(repo);
  expect(await repair()).toEqual([]);
  expect(await findMedia(db, ref)).toMatchObject({ state: 'saved' });
});

test('a folder that disappears during the check is no deletion', async ({ db, parts: { archive, repo } }) => {
  rmSync(repo);
  rmSync(join(archive.media, markerName));
  const { deep, checked } = await beginChecks(archive, { deep: false, fresh: false, rate: Infinity });
  await expect(checkFiles(archive, deep, checked).next()).rejects.toThrow(/disappeared while/);
  expect(await db.messageMedia.count({ where: { link: 'linked' } })).toBe(2);
});

test('a link that the person deleted is not made again with the file', async ({
  db,
  parts: { links, repo, repair },
}) => {
  rmSync(links[1]!);
  writeFileSync(repo, 'cut');
  expect(await repair()).toEqual(['file-size repaired', 'link-owed owed']);
  const rows = await db.messageMedia.findMany({ orderBy: { chatId: 'asc' } });
  expect(rows.map((it) => it.link)).toEqual(['pending', 'absent']);
});

test('a wrong file without links in wanted chats stays, as nothing would download it again', async ({
  db,
  parts: { links, repo, repair },
}) => {
  rmSync(links[0]!);
  writeFileSync(repo, 'cut');
  expect(await repair()).toEqual(['file-size left']);
  expect(readFileSync(repo, 'utf8')).toBe('cut');
  expect(await findMedia(db, ref)).toMatchObject({ state: 'saved' });
});

test('the only intact copy replaces a wrong file of the same size', async ({
  db,
  parts: { archive, links, repo, repair },
}) => {
  rmSync(links[0]!);
  copyFileSync(repo, links[0]!);
  writeFileSync(repo, wrong); // and with it the second chat's link
  writeFileSync(join(archive.media, '.damaged', 'document-32.txt'), 'of an earlier repair');
  expect(await repair()).toEqual(['link-other-file repaired']);
  for (const path of [repo, ...links]) expect(readFileSync(path, 'utf8'), path).toBe(content);
  expect(new Set([repo, ...links].map((it) => lstatSync(it).ino)).size).toBe(1);
  expect(readFileSync(join(archive.media, '.damaged', 'document-32.txt'), 'utf8')).toBe('of an earlier repair');
  expect(readFileSync(join(archive.media, '.damaged', 'document-32.txt.2'), 'utf8')).toBe(wrong);
  expect(await findMedia(db, ref)).toMatchObject({ state: 'saved', sha256 });
  expect(await repair()).toEqual([]);
});

test('/media and /temp may be symbolic links to another disk', async ({ parts: { archive, repo, repair } }) => {
  mkdirSync(archive.temp);
  for (const root of [archive.media, archive.temp]) {
    renameSync(root, `${root}-on-another-disk`);
    symlinkSync(`${root}-on-another-disk`, root);
  }
  const leftovers = [join(archive.media, '.incoming', 'document-32.txt.copy'), join(archive.temp, 'document-32.part')];
  for (const it of leftovers) writeFileSync(it, 'half');
  expect((await repair()).sort()).toEqual(['incoming-leftover repaired', 'temp-leftover repaired']);
  expect(leftovers.filter((it) => existsSync(it))).toEqual([]);
  expect(await repair()).toEqual([]);
  expect(readFileSync(repo, 'utf8')).toBe(content);
});

test('files in use by a worker are left alone, and a claim lost midway ends the work', async ({
  db,
  parts: { archive, repo, repair },
}) => {
  writeFileSync(repo, 'cut');
  const claim = (await claimMedia(db, ref))!;
  writeFileSync(join(archive.media, '.incoming', 'document-32.txt.copy'), 'half');
  mkdirSync(archive.temp);
  writeFileSync(join(archive.temp, 'document-32.part'), 'half');
  expect(await repair()).toEqual(['file-size skipped']);
  expect(existsSync(join(archive.media, '.incoming', 'document-32.txt.copy'))).toBe(true);
  expect(existsSync(join(archive.temp, 'document-32.part'))).toBe(true);
  await db.document.updateMany({ data: { claimedUntil: null } });
  expect(claim.claim).toBe(1n);

  const losing = withClaim(db, ref, async (_media, lost) => {
    await db.document.updateMany({ data: { claim: 99n } });
    await expect.poll(() => lost.aborted, patience).toBe(true);
    lost.throwIfAborted();
  });
  await expect(losing).rejects.toThrow(ClaimLostError);
});

/** How the two chats show the file, in an archive with another media.link. */
function showAs(mode: 'copy' | 'symlink', { archive, repo, links }: Parts): void {
  archive.linkMode = mode;
  for (const it of links) {
    rmSync(it);
    if (mode === 'copy') copyFileSync(repo, it);
    else symlinkSync('../documents-by-id/32.txt', it);
  }
}

describe('media.link "copy"', () => {
  test('a wrong file of the repo is replaced by an intact copy', async ({ db, parts }) => {
    showAs('copy', parts);
    writeFileSync(parts.repo, 'cut');
    expect(await parts.repair()).toEqual(['file-size repaired']);
    expect(readFileSync(parts.repo, 'utf8')).toBe(content);
    expect(new Set([parts.repo, ...parts.links].map((it) => lstatSync(it).ino)).size).toBe(3);
    expect(readdirSync(join(parts.archive.media, '.incoming'))).toEqual([]);
    expect(await findMedia(db, ref)).toMatchObject({ state: 'saved', sha256 });
    expect(await parts.verifyDeep()).toEqual(['damaged']);
  });

  test('a copy with other bytes of the same size is found by --deep, each time until it is right, and stays', async ({
    parts,
  }) => {
    showAs('copy', parts);
    expect(await parts.verifyDeep()).toEqual([]);
    writeFileSync(parts.links[1]!, wrong);
    expect(await parts.repair()).toEqual([]);
    expect(await parts.verifyDeep()).toEqual(['link-other-file']);
    expect(await parts.repair()).toEqual(['link-other-file left']);
    expect(readFileSync(parts.links[1]!, 'utf8')).toBe(wrong);
    copyFileSync(parts.repo, parts.links[1]!);
    expect(await parts.repair()).toEqual([]);
  });
});

describe('media.link "symlink"', () => {
  test('a wrong file that only symbolic links point to is owed again', async ({ db, parts }) => {
    showAs('symlink', parts);
    writeFileSync(parts.repo, 'cut');
    expect(await parts.repair()).toEqual(['file-size repaired', 'link-owed owed']);
    expect(await findMedia(db, ref)).toMatchObject({ state: 'owed' });
    expect(await db.messageMedia.findMany()).toMatchObject([{ link: 'pending' }, { link: 'pending' }]);
  });

  test('a link that points elsewhere is the person’s', async ({ parts }) => {
    showAs('symlink', parts);
    rmSync(parts.links[0]!);
    symlinkSync('/etc/hostname', parts.links[0]!);
    expect(await parts.repair()).toEqual(['link-other-file left']);
    expect(readlinkSync(parts.links[0]!)).toBe('/etc/hostname');
  });
});

describe('another media.link than before', () => {
  test('copies become symbolic links, and those become hard links', async ({ parts }) => {
    showAs('copy', parts);
    parts.archive.linkMode = 'symlink';
    expect(await parts.repair()).toEqual(['link-other-file repaired', 'link-other-file repaired']);
    for (const it of parts.links) expect(readlinkSync(it)).toBe('../documents-by-id/32.txt');
    expect(await parts.repair()).toEqual([]);
    parts.archive.linkMode = 'hard';
    expect(await parts.repair()).toEqual(['link-other-file repaired', 'link-other-file repaired']);
    for (const it of parts.links) expect(lstatSync(it).ino).toBe(lstatSync(parts.repo).ino);
    expect(await parts.repair()).toEqual([]);
  });
});

describe('a folder that became a symbolic link', () => {
  test('is followed neither by a verification nor by a repair, and its target stays', async ({ db, parts }) => {
    const { media } = parts.archive;
    const elsewhere = join(media, '..', 'elsewhere');
    for (const [name, file, bytes] of [
      ['documents-by-id', '32.txt', wrong],
      ['.incoming', 'document-32.txt.copy', 'precious'],
    ] as const) {
      rmSync(join(media, name), { recursive: true });
      mkdirSync(join(elsewhere, name), { recursive: true });
      writeFileSync(join(elsewhere, name, file), bytes);
      symlinkSync(join(elsewhere, name), join(media, name));
    }
    expect(await parts.verifyDeep()).toEqual(['file-unreadable', 'symlink', 'symlink']);
    expect(await parts.repair()).toEqual(['file-unreadable left']);
    const leftover = join(media, '.incoming', 'document-32.txt.copy');
    const finding = { kind: 'incoming-leftover', path: leftover, media: ref } as const;
    expect(await repairFinding(parts.archive, finding)).toMatchObject({ outcome: 'left' });
    expect(readFileSync(join(elsewhere, 'documents-by-id', '32.txt'), 'utf8')).toBe(wrong);
    expect(readFileSync(join(elsewhere, '.incoming', 'document-32.txt.copy'), 'utf8')).toBe('precious');
    expect(await findMedia(db, ref)).toMatchObject({ state: 'saved' });
  });

  test('receives no damaged file', async ({ parts }) => {
    const { media } = parts.archive;
    writeFileSync(parts.repo, 'cut');
    rmSync(join(media, '.damaged'), { recursive: true });
    mkdirSync(join(media, '..', 'elsewhere'));
    symlinkSync(join(media, '..', 'elsewhere'), join(media, '.damaged'));
    expect(await parts.repair()).toEqual(['file-size left']);
    expect(readFileSync(parts.repo, 'utf8')).toBe('cut');
  });
});

test('a pipe that replaces a file while it is checked does not block', async ({ parts }) => {
  rmSync(parts.repo);
  execFileSync('mkfifo', [parts.repo]);
  const reading = hashFile(parts.repo, { signal: parts.archive.signal, onBytes: () => {} });
  await expect(reading).rejects.toThrow(`${parts.repo} is a named pipe, not a regular file.`);
});
