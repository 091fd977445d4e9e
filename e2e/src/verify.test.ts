/** verify.test.ts: `tgsync verify` reports every kind of damage; `tgsync repair` repairs what it can and deletes none of a person's files. */
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Archive, test, patience } from '@tgsync/testing';
import type { World } from '@tgsync/telegram-emulator';
import { expect, vi } from 'vitest';
import { z } from 'zod';
import { spawnTgsync, tgsync } from './command-line.js';

const findingSchema = z.strictObject({
  finding: z.string(),
  level: z.enum(['wrong', 'owed', 'note']),
  path: z.string().optional(),
  media: z.strictObject({ kind: z.enum(['photo', 'document']), id: z.string() }).optional(),
  chat: z.string().optional(),
  message: z.string().optional(),
  detail: z.string().optional(),
  advice: z.string(),
});
const summarySchema = z.strictObject({
  summary: z.enum(['whole', 'incomplete', 'empty', 'interrupted']),
  wrong: z.int(),
  owed: z.int(),
  notes: z.int(),
  counts: z.record(z.string(), z.int()),
  offline: z.boolean(),
  chats: z.int(),
  files: z.int(),
  deleted: z.int(),
  bytes: z.string(),
  links: z.int(),
  read: z.strictObject({ files: z.int(), bytes: z.int() }),
});

const repairedSchema = findingSchema.omit({ advice: true }).extend({
  outcome: z.enum(['repaired', 'would repair', 'owed', 'left', 'skipped']),
  did: z.string(),
});
const repairSummarySchema = z.strictObject({
  summary: z.enum(['done', 'interrupted']),
  dryRun: z.boolean(),
  repaired: z.int(),
  owed: z.int(),
  left: z.int(),
  skipped: z.int(),
});

async function repair(archive: Archive, ...args: string[]) {
  const { code, stdout } = await tgsync(archive.env, ['repair', '--json', ...args]);
  const all = stdout.trim().split('\n');
  const lines = all.slice(0, -1).map((it) => repairedSchema.parse(JSON.parse(it)));
  return { code, lines, summary: repairSummarySchema.parse(JSON.parse(all.at(-1)!)) };
}

/** Every name in some folders, with its inode, size and modification time. */
function snapshot(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => ({ name, it: lstatSync(join(folder, name)) }))
      .map(({ name, it }) => `${name} ${it.ino} ${it.size} ${it.mtimeMs} ${it.nlink}`)
      .sort(),
  );
}

async function verify(archive: Archive, ...args: string[]) {
  const { code, stdout, stderr } = await tgsync(archive.env, ['verify', '--json', ...args]);
  return { code, stderr, ...parse(stdout) };
}

function parse(stdout: string) {
  const lines = stdout.trim().split('\n');
  const findings = lines.slice(0, -1).map((it) => findingSchema.parse(JSON.parse(it)));
  return { findings, summary: summarySchema.parse(JSON.parse(lines.at(-1)!)) };
}

type Found = z.output<typeof findingSchema>;

/** The kinds of findings, with where or what. */
function summarised(findings: readonly Found[], { env: { media, temp } }: Archive): string[] {
  const where = (it: Found) =>
    it.path?.replace(`${media}/`, '').replace(temp, 'temp') ?? it.media?.id ?? it.detail ?? it.chat;
  return findings.map((it) => `${it.finding} ${where(it)}`).sort();
}

/** A channel and a private chat with a photo and documents of every name; one document is in both. */
function fill(world: World) {
  const cats = world.addChannel({ title: 'Cats' });
  const friend = world.addUser({ title: 'Friend' });
  const document = (name: string, size: number, dc = 4) => {
    const it = world.addDocument({ dc, size, name: `${name}.zip`, mimeType: 'application/zip' });
    const message = cats.addMessage({ text: name, document: it });
    return { id: it.id, repo: `documents-by-id/${it.id}.zip`, link: `${cats.id}/${message.id} ${name}.zip` };
  };
  cats.addMessages(20);
  friend.addMessages(5);
  const files = {
    flipped: document('flipped', 700_000),
    cut: document('cut', 300_000),
    copied: document('copied', 5000),
    replaced: document('replaced', 5000),
    unlinked: document('unlinked', 5000),
    deleted: document('deleted', 5000),
    failed: document('failed', 5000, 3),
    swapped: document('swapped', 5000),
    plain: document('plain', 5000),
  };
  const photo = world.addPhoto({ dc: 1, size: 90_000 });
  cats.addMessage({ text: 'a cat', photo });
  friend.addMessage({ text: 'a cat', photo });
  cats.addMessages(20);
  return { cats, friend, photo, files };
}

test(
  'a complete archive is reported as such, also by Telegram, whoever asks it',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const { cats, friend } = fill(world);
    archive.configure({ [cats.id.toString()]: {}, [friend.id.toString()]: {} }, { tg: { live: false } });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);

    const quick = await verify(archive, '--offline');
    expect(quick.findings).toEqual([]);
    expect(quick.summary).toMatchObject({ summary: 'whole', files: 10, links: 11, read: { files: 0, bytes: 0 } });
    expect(quick.code).toBe(0);
    const deep = await verify(archive, '--offline', '--deep');
    expect(deep.findings).toEqual([]);
    expect(deep.summary).toMatchObject({ files: 10, read: { files: 10 } });
    expect(deep.summary.read.bytes).toBe(Number(deep.summary.bytes));
    expect(deep.code).toBe(0);
    expect(await db.document.count({ where: { verifiedAt: null } })).toBe(0);

    const text = await tgsync(archive.env, ['verify', '--offline']);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^The archive is whole: 2 chats .*, 10 files .* 11 links were checked/);

    telegram.resetCounters();
    expect((await verify(archive)).findings).toEqual([]);
    expect(telegram.counters().calls['messages.getPeerDialogs']).toBe(1);
    cats.addMessages(3);
    expect(await verify(archive, '--offline')).toMatchObject({ code: 0 });
    const behind = await verify(archive); // nobody holds the account, so the command does
    expect(behind.findings.map((it) => `${it.finding} ${it.detail}`)).toEqual(['range-owed messages 51 to 53 of Cats']);
    expect(behind.code).toBe(1);

    cats.addMessages(1);
    fleet.start('fetch-worker');
    await fleet.until((it) => it.msg === 'holding the account');
    const asked = await verify(archive); // the fleet holds it, so a job asks
    expect(asked.findings.map((it) => `${it.finding} ${it.detail}`)).toEqual(['range-owed messages 51 to 54 of Cats']);
    await fleet.stop();
    expect(telegram.counters().sessionRuleViolations).toBe(0);

    // First somebody holds the account and does not answer; then there is no login at all.
    await db.sessionLease.updateMany({ data: { released: false, ttl: 600 } });
    const unanswered = await verify(archive, '--patience', '1');
    expect(unanswered.findings.map((it) => `${it.finding} ${it.detail}`)).toEqual([
      'telegram-not-asked no answer about 2 of 2 chats for 1 seconds',
      'range-owed messages 51 to 54 of Cats',
    ]);
    for (const name of ['tgsync.session', 'tgsync.session.bak'])
      rmSync(join(archive.env.appdata, name), { force: true });
    const loggedOut = await verify(archive);
    expect(loggedOut.findings[0]?.detail).toMatch(/login needed/);
    expect(loggedOut.code).toBe(1);
  },
);

test(
  'every kind of damage is reported, then repaired; a person’s files are never deleted',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const { cats, friend, photo, files } = fill(world);
    archive.configure({ [cats.id.toString()]: {}, [friend.id.toString()]: {} }, { media: { umask: '027' } });
    const refusal = { method: 'upload.getFile', dc: 3, kind: 'error', code: 400, message: 'LOCATION_INVALID' } as const;
    telegram.faults.add({ ...refusal, times: 1 });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(1);

    const { media, temp } = archive.env;
    const at = (path: string) => join(media, path);
    const right = readFileSync(at(files.cut.repo));
    flip(at(files.flipped.repo));
    truncateSync(at(files.cut.repo), 1000);
    rmSync(at(files.copied.link));
    copyFileSync(at(files.copied.repo), at(files.copied.link));
    rmSync(at(files.replaced.link));
    writeFileSync(at(files.replaced.link), Buffer.alloc(5000, 'mine'));
    rmSync(at(files.unlinked.link));
    rmSync(at(files.deleted.repo));
    // The chat's file is intact, but the one in the repo was replaced.
    rmSync(at(files.swapped.repo));
    writeFileSync(at(files.swapped.repo), 'something else');
    writeFileSync(at('holiday.jpg'), 'mine');
    writeFileSync(at('documents-by-id/notes.txt'), 'mine');
    writeFileSync(at(`${cats.id}/999 mine.txt`), 'mine');
    const outside = join(archive.env.data, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'precious.txt'), 'mine');
    symlinkSync(outside, at(`${cats.id}/album`));
    symlinkSync(outside, at('77'));
    writeFileSync(join(temp, `document-${files.plain.id}.part`), 'parts');
    writeFileSync(join(temp, `document-${files.failed.id}.part.json`), '{}');
    for (const it of [`document-${files.plain.id}.0`, `document-${files.failed.id}.0`]) {
      mkdirSync(join(temp, it));
      writeFileSync(join(temp, it, 'bytes'), 'parts');
    }
    writeFileSync(join(temp, `document-${files.failed.id}.0`, 'list.txt'), 'mine');
    writeFileSync(join(temp, 'shopping.txt'), 'mine');
    writeFileSync(at(`.incoming/document-${files.plain.id}.zip.copy`), 'half');
    linkSync(at(files.plain.repo), at(`.incoming/${cats.id}-${files.plain.link.split('/')[1]}.link`));
    const top = await db.coverage.findFirstOrThrow({ where: { chatId: cats.id } });
    await db.coverage.update({
      where: { chatId_ownerId_fromId: { chatId: cats.id, ownerId: 0n, fromId: 1n } },
      data: { toId: 10n },
    });
    await db.coverage.create({ data: { chatId: cats.id, fromId: 15n, toId: top.toId } });
    await db.message.updateMany({ where: { chatId: cats.id, id: 1n }, data: { linked: false } });
    await db.messageMedia.updateMany({ where: { chatId: friend.id }, data: { linkName: null } });

    const expected = [
      `file-deleted ${files.deleted.repo}`,
      `file-orphaned ${files.copied.repo}`,
      `file-orphaned ${files.replaced.repo}`,
      `file-orphaned ${files.unlinked.repo}`,
      `file-orphaned ${files.swapped.repo}`,
      `file-size ${files.cut.repo}`,
      `file-size ${files.swapped.repo}`,
      `incoming-leftover .incoming/${cats.id}-${files.plain.link.split('/')[1]}.link`,
      `incoming-leftover .incoming/document-${files.plain.id}.zip.copy`,
      `link-beside-deleted ${files.deleted.link}`,
      `link-deleted ${files.unlinked.link}`,
      `link-other-file ${files.copied.link}`,
      `link-other-file ${files.replaced.link}`,
      `link-other-file ${files.swapped.link}`,
      `link-state ${photo.id}`,
      `media-failed ${files.failed.id}`,
      'message-linked marked as not linked, but all its media are',
      'range-owed messages 11 to 14 of Cats',
      `stray ${cats.id}/999 mine.txt`,
      'stray documents-by-id/notes.txt',
      'stray holiday.jpg',
      `stray ${friend.id}/6_${photo.id}.jpg`,
      `symlink ${cats.id}/album`,
      'symlink 77',
      'temp-stray temp/shopping.txt',
      `temp-stray temp/document-${files.failed.id}.0/list.txt`,
      `temp-leftover temp/document-${files.plain.id}.0`,
      `temp-leftover temp/document-${files.plain.id}.part`,
    ].sort();
    const quick = await verify(archive);
    expect(summarised(quick.findings, archive)).toEqual(expected);
    expect(quick.code).toBe(1);
    const deep = await verify(archive, '--deep');
    expect(summarised(deep.findings, archive)).toEqual([...expected, `file-bytes ${files.flipped.repo}`].sort());

    // --dry-run changes nothing; what a worker is using is left alone.
    const before = snapshot(media, temp);
    const dry = await repair(archive, '--dry-run');
    expect(snapshot(media, temp)).toEqual(before);
    expect(summarised((await verify(archive, '--offline')).findings, archive)).toEqual(
      summarised(deep.findings, archive),
    );
    const inAnHour = new Date(Date.now() + 3_600_000);
    await db.document.update({ where: { id: files.cut.id }, data: { claimedUntil: inAnHour } });
    const busy = await repair(archive);
    expect(busy.lines.filter((it) => it.outcome === 'skipped').map((it) => it.path)).toEqual([at(files.cut.repo)]);
    expect(busy.code).toBe(1);
    expect(lstatSync(at(files.cut.repo)).size).toBe(1000);
    await db.document.update({ where: { id: files.cut.id }, data: { claimedUntil: null } });
    const rest = await repair(archive);
    expect(rest.lines.filter((it) => it.outcome === 'repaired').map((it) => it.path)).toEqual([at(files.cut.repo)]);
    // One repair fixes two findings: the chat's intact file replaces the one in the repo.
    expect(dry.summary.repaired).toBe(busy.summary.repaired + rest.summary.repaired + 1);
    expect(rest.code).toBe(1); // a person's file is in place of a link

    // None of the person's files is gone, nor a byte of what was damaged.
    for (const path of ['holiday.jpg', 'documents-by-id/notes.txt', `${cats.id}/999 mine.txt`])
      expect(readFileSync(at(path), 'utf8')).toBe('mine');
    expect(readdirSync(outside)).toEqual(['precious.txt']);
    expect(readFileSync(join(temp, 'shopping.txt'), 'utf8')).toBe('mine');
    expect(readFileSync(at(files.replaced.link))).toEqual(Buffer.alloc(5000, 'mine'));
    expect(readdirSync(at('.damaged')).sort()).toEqual(
      [files.flipped, files.cut, files.swapped].map((it) => `document-${it.id}.zip`).sort(),
    );
    expect(readFileSync(at(`.damaged/document-${files.swapped.id}.zip`), 'utf8')).toBe('something else');
    expect(statSync(at('.damaged')).mode & 0o777).toBe(0o750);
    expect(readdirSync(at('.incoming'))).toEqual([]);
    expect(existsSync(join(temp, `document-${files.failed.id}.part.json`))).toBe(true);

    rmSync(at(files.replaced.link));
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const after = await verify(archive, '--deep');
    expect(after.findings.filter((it) => it.level !== 'note')).toEqual([]);
    expect(after.code).toBe(0);
    expect((await repair(archive)).lines).toEqual([]);
    expect(readFileSync(at(files.cut.link))).toEqual(right);
    for (const it of [files.flipped, files.cut, files.copied, files.swapped, files.failed, files.plain])
      expect(lstatSync(at(it.link)).ino, it.link).toBe(lstatSync(at(it.repo)).ino);
    expect(existsSync(at(files.deleted.repo))).toBe(false);
    expect(existsSync(at(files.unlinked.link))).toBe(false);
    expect(await db.message.count({ where: { linked: false } })).toBe(0);
  },
);

test(
  'nothing is concluded from a folder that is not mounted; an interrupted --deep continues where it was',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const cats = world.addChannel({ title: 'Cats' });
    for (let index = 0; index < 8; index++)
      cats.addMessage({
        text: 'a',
        document: world.addDocument({ dc: 4, size: 300_000 + index, name: `${index}.bin` }),
      });
    archive.configure({ [cats.id.toString()]: {} });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);

    renameSync(archive.env.media, `${archive.env.media}-away`);
    mkdirSync(archive.env.media);
    const unmounted = await verify(archive, '--offline');
    expect(unmounted.findings.map((it) => it.finding)).toEqual(['folder-not-mounted']);
    expect(unmounted.code).toBe(1);
    rmdirSync(archive.env.media);
    renameSync(`${archive.env.media}-away`, archive.env.media);

    const child = spawnTgsync(archive.env, ['verify', '--offline', '--deep', '--rate', '200K', '--json']);
    let stdout = '';
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    await vi.waitUntil(async () => (await db.document.count({ where: { verifiedAt: { not: null } } })) > 0, patience);
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(130);
    const first = parse(stdout).summary;
    expect(first.summary).toBe('interrupted');
    const verified = await db.document.findMany({ where: { verifiedAt: { not: null } }, orderBy: { id: 'asc' } });
    expect(verified.length).toBe(first.read.files);
    expect(verified.length).toBeLessThan(8);

    // A file that was read already is not read again, otherwise this would be found.
    flip(join(archive.env.media, 'documents-by-id', verified[0]!.fileName!));
    const second = await verify(archive, '--offline', '--deep');
    expect(second.findings).toEqual([]);
    expect(second.summary.read.files).toBe(8 - verified.length);
    expect(second.code).toBe(0);

    const third = await verify(archive, '--offline', '--deep');
    expect(third.summary.read.files).toBe(8); // the last one finished, so a new one starts
    expect(third.findings.map((it) => it.finding)).toEqual(['file-bytes']);
    expect(third.code).toBe(1);
    // A file found damaged is read again even without --deep, until it is right.
    expect((await verify(archive, '--offline')).findings.map((it) => it.finding)).toEqual(['file-bytes']);
    flip(join(archive.env.media, 'documents-by-id', verified[0]!.fileName!));
    expect((await verify(archive, '--offline')).findings).toEqual([]);

    await db.deepVerification.updateMany({ data: { finishedAt: null } });
    expect((await verify(archive, '--offline', '--deep')).summary.read.files).toBe(0);
    await db.deepVerification.updateMany({ data: { finishedAt: null } });
    expect((await verify(archive, '--offline', '--deep', '--fresh')).summary.read.files).toBe(8);
  },
);

/** Flips one bit; a second call flips it back. */
function flip(path: string): void {
  const at = 1234;
  const byte = readFileSync(path)[at]!;
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.of(byte ^ 1), 0, 1, at);
  closeSync(file);
}
