/** verify.test.ts: `tgsync verify` tells every kind of damage, `tgsync repair` mends what can be mended and deletes no file of a person. */
import { once } from 'node:events';
import { mkdirSync, openSync, closeSync, readFileSync, renameSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Archive, test } from '@tgsync/testing';
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
  summary: z.enum(['whole', 'not whole', 'interrupted']),
  wrong: z.int(),
  owed: z.int(),
  notes: z.int(),
  counts: z.record(z.string(), z.int()),
  offline: z.boolean(),
  chats: z.int(),
  files: z.int(),
  bytes: z.string(),
  links: z.int(),
  read: z.strictObject({ files: z.int(), bytes: z.int() }),
});

async function verify(archive: Archive, ...args: string[]) {
  const { code, stdout, stderr } = await tgsync(archive.env, ['verify', '--json', ...args]);
  return { code, stderr, ...parse(stdout) };
}

function parse(stdout: string) {
  const lines = stdout.trim().split('\n');
  const findings = lines.slice(0, -1).map((it) => findingSchema.parse(JSON.parse(it)));
  return { findings, summary: summarySchema.parse(JSON.parse(lines.at(-1)!)) };
}

/** A channel and a friend that hold documents of every name and a photo; one document is in both. */
function fill(world: World) {
  const cats = world.addChannel({ title: 'Cats' });
  const friend = world.addUser({ title: 'Friend' });
  const document = (name: string, size: number) => {
    const it = world.addDocument({ dc: 4, size, name: `${name}.zip`, mimeType: 'application/zip' });
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
    failed: document('failed', 5000),
    plain: document('plain', 5000),
  };
  const photo = world.addPhoto({ dc: 1, size: 90_000 });
  cats.addMessage({ text: 'a cat', photo });
  friend.addMessage({ text: 'a cat', photo });
  cats.addMessages(20);
  return { cats, friend, photo, files };
}

test('an archive that is whole is told so, by Telegram too, whoever asks it', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const { cats, friend } = fill(world);
  archive.configure({ [cats.id.toString()]: {}, [friend.id.toString()]: {} });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);

  const quick = await verify(archive, '--offline');
  expect(quick.findings).toEqual([]);
  expect(quick.summary).toMatchObject({ summary: 'whole', files: 9, links: 10, read: { files: 0, bytes: 0 } });
  expect(quick.code).toBe(0);
  const deep = await verify(archive, '--offline', '--deep');
  expect(deep.findings).toEqual([]);
  expect(deep.summary).toMatchObject({ files: 9, read: { files: 9 } });
  expect(deep.summary.read.bytes).toBe(Number(deep.summary.bytes));
  expect(deep.code).toBe(0);
  expect(await db.document.count({ where: { verifiedAt: null } })).toBe(0);

  const text = await tgsync(archive.env, ['verify', '--offline']);
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/^The archive is whole: 2 chats .*, 9 files .* 10 links were looked at/);

  telegram.resetCounters();
  expect((await verify(archive)).findings).toEqual([]);
  expect(telegram.counters().calls['messages.getPeerDialogs']).toBe(1);
  cats.addMessages(3);
  expect(await verify(archive, '--offline')).toMatchObject({ code: 0 });
  const behind = await verify(archive); // nobody holds the account: the command does
  expect(behind.findings.map((it) => `${it.finding} ${it.detail}`)).toEqual(['range-owed messages 50 to 52 of Cats']);
  expect(behind.code).toBe(1);

  cats.addMessages(1);
  fleet.start('fetch-worker');
  await fleet.until((it) => it.msg === 'holding the account');
  const asked = await verify(archive); // the fleet holds it: it is asked by a job
  expect(asked.findings.map((it) => `${it.finding} ${it.detail}`)).toEqual(['range-owed messages 50 to 53 of Cats']);
  await fleet.stop();
  expect(telegram.counters().sessionRuleViolations).toBe(0);

  // Somebody has the account and does not answer; then there is no login at all.
  await db.accountLease.updateMany({ data: { expiresAt: new Date(Date.now() + 600_000) } });
  const unanswered = await verify(archive, '--patience', '1');
  expect(unanswered.findings.map((it) => `${it.finding} ${it.detail}`)).toEqual([
    'telegram-not-asked no answer about 2 of 2 chats for 1 seconds',
    'range-owed messages 50 to 53 of Cats',
  ]);
  rmSync(join(archive.env.appdata, 'tgsync.session'));
  const loggedOut = await verify(archive);
  expect(loggedOut.findings[0]?.detail).toMatch(/login needed/);
  expect(loggedOut.code).toBe(1);
});

test('nothing is concluded from a folder that is not mounted; an interrupted --deep goes on where it was', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const cats = world.addChannel({ title: 'Cats' });
  for (let index = 0; index < 8; index++)
    cats.addMessage({ text: 'a', document: world.addDocument({ dc: 4, size: 300_000 + index, name: `${index}.bin` }) });
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
  await vi.waitUntil(async () => (await db.document.count({ where: { verifiedAt: { not: null } } })) > 0, {
    timeout: 60_000,
  });
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(130);
  const first = parse(stdout).summary;
  expect(first.summary).toBe('interrupted');
  const verified = await db.document.findMany({ where: { verifiedAt: { not: null } }, orderBy: { id: 'asc' } });
  expect(verified.length).toBe(first.read.files);
  expect(verified.length).toBeLessThan(8);

  // A file that was read already is not read again, or this would be found.
  flip(join(archive.env.media, 'documents-by-id', verified[0]!.fileName!));
  const second = await verify(archive, '--offline', '--deep');
  expect(second.findings).toEqual([]);
  expect(second.summary.read.files).toBe(8 - verified.length);
  expect(second.code).toBe(0);

  const third = await verify(archive, '--offline', '--deep');
  expect(third.summary.read.files).toBe(8); // the last one finished: a new one begins
  expect(third.findings.map((it) => it.finding)).toEqual(['file-bytes']);
  expect(third.code).toBe(1);
  // What was found wrong is read again also without --deep, until it is right.
  expect((await verify(archive, '--offline')).findings.map((it) => it.finding)).toEqual(['file-bytes']);
  flip(join(archive.env.media, 'documents-by-id', verified[0]!.fileName!));
  expect((await verify(archive, '--offline')).findings).toEqual([]);

  await db.deepVerification.updateMany({ data: { finishedAt: null } });
  expect((await verify(archive, '--offline', '--deep')).summary.read.files).toBe(0);
  await db.deepVerification.updateMany({ data: { finishedAt: null } });
  expect((await verify(archive, '--offline', '--deep', '--fresh')).summary.read.files).toBe(8);
});

/** Changes one bit, and changes it back the second time. */
function flip(path: string): void {
  const at = 1234;
  const byte = readFileSync(path)[at]!;
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.of(byte ^ 1), 0, 1, at);
  closeSync(file);
}
