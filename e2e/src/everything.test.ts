/**
 * everything.test.ts: the first promise: every message and every file of a world with everything in it, byte for byte; and a second run
 * finds nothing to do.
 */
import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cleanText } from '@tgsync/shared/telegram';
import { type Archive, type Fixtures, test } from '@tgsync/testing';
import { generateWorld, type Inventory, type InventoryFile } from '@tgsync/telegram-emulator';
import { describe, expect } from 'vitest';
import { archiveRows, readMessages } from './archive-rows.js';

describe('a world with every kind of message and file', () => {
  const it = test.extend<Pick<Fixtures, 'world'>>({
    world: async ({}, use) => {
      await use(generateWorld({ seed: 'everything', homeDc: 2 }));
    },
  });

  it('is archived completely, and then nothing is owed', async ({ world, telegram, archive, fleet, db }) => {
    const inventory = await world.inventory();
    const readable = inventory.chats.filter((chat) => chat.readable);
    archive.configure(Object.fromEntries(readable.map((chat) => [chat.id.toString(), {}])));
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);

    await expectMessages(inventory, await readMessages(db));
    await expectFiles(inventory, archive, db);
    expect(telegram.counters().sessionRuleViolations).toBe(0);

    const before = await archiveRows(db);
    const files = snapshot(archive.env.media);
    telegram.resetCounters();
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const { calls } = telegram.counters();
    expect(calls['messages.getPeerDialogs']).toBeGreaterThan(0);
    expect(Object.keys(calls)).not.toContain('upload.getFile');
    expect(Object.keys(calls)).not.toContain('messages.getHistory');
    expect(await archiveRows(db)).toEqual(before);
    expect(snapshot(archive.env.media)).toEqual(files);
  });
});

async function expectMessages(inventory: Inventory, stored: Awaited<ReturnType<typeof readMessages>>): Promise<void> {
  const expected = inventory.messages.map((it) => ({
    chatId: it.chatId,
    id: BigInt(it.id),
    date: it.date,
    editDate: it.editHide ? null : (it.editDate ?? null),
    senderId: it.senderId ?? null,
    text: cleanText(it.text),
    isService: it.service,
    groupedId: it.groupedId ?? null,
    replyToMsgId: it.replyToMsgId ? BigInt(it.replyToMsgId) : null,
    replyToChatId: it.replyToChatId ?? null,
    fwdFromId: it.fwdFromId ?? null,
    fwdFromName: it.fwdFromName === undefined ? null : cleanText(it.fwdFromName),
    fwdFromMsgId: it.fwdFromMsgId ? BigInt(it.fwdFromMsgId) : null,
    fwdFromDate: it.fwdFromDate ?? null,
    media: it.media.map((one) => `${one.kind} ${one.id}`).sort(),
  }));
  const key = (it: { chatId: bigint; id: bigint }) => `${it.chatId}/${it.id}`;
  const byKey = new Map(stored.map((it) => [key(it), it]));
  expect(byKey.size).toBe(stored.length);
  for (const one of expected) expect({ ...byKey.get(key(one)) }, key(one)).toMatchObject(one);
  expect(stored.length).toBe(expected.length);
  expect(stored.filter((it) => !it.mapped)).toEqual([]);
}

async function expectFiles(
  inventory: Inventory,
  archive: Archive,
  db: Parameters<typeof readMessages>[0],
): Promise<void> {
  const { media, temp } = archive.env;
  const links = await db.messageMedia.findMany();
  const found = new Set<string>();
  for (const file of inventory.files) {
    const row =
      file.kind === 'photo'
        ? await db.photo.findUnique({ where: { id: file.id } })
        : await db.document.findUnique({ where: { id: file.id } });
    expect(row, `${file.kind} ${file.id}`).toMatchObject({
      saved: true,
      state: 'saved',
      sha256: file.sha256,
      size: BigInt(file.size),
    });
    const repo = join(media, file.kind === 'photo' ? 'photo-by-id' : 'documents-by-id', row!.fileName!);
    found.add(repo);
    const stat = lstatSync(repo);
    expect(stat.size).toBe(file.size);
    expect(await sha256(repo)).toBe(file.sha256);
    const mine = links.filter((it) => it.kind === file.kind && it.mediaId === file.id);
    expect(mine.length).toBe(file.messages.length);
    for (const { chatId, msgId } of file.messages) {
      const one = mine.find((it) => it.chatId === chatId && it.messageId === BigInt(msgId));
      expect(one?.link).toBe('linked');
      const path = join(media, chatId.toString(), one!.linkName!);
      found.add(path);
      expect(lstatSync(path).ino).toBe(stat.ino);
      expectName(one!.linkName!, msgId, file);
    }
    expect(stat.nlink).toBe(file.messages.length + 1);
  }
  expect(filesBelow(media).filter((it) => !found.has(it) && !it.endsWith('.tgsync-archive'))).toEqual([]);
  expect(readdirSync(temp)).toEqual([]);
  expect(await db.message.count({ where: { linked: false } })).toBe(0);
}

/** An ordinary name is kept as it is; hostile ones are covered by names.test.ts. */
function expectName(name: string, msgId: number, file: InventoryFile): void {
  if (file.kind === 'photo') expect(name).toBe(`${msgId}_${file.id}.jpg`);
  else if (!file.name) expect(name).toMatch(new RegExp(`^${msgId}\\.\\w+$`));
  else if (file.name.length < 200 && /^[\w ,()’'-]+\.\w+$/.test(file.name))
    expect([`${msgId} ${file.name}`, withId(msgId, file)]).toContain(name);
  else expect(name.startsWith(`${msgId}`)).toBe(true);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  expect(name).not.toMatch(/[/\0]/);
}

function withId(msgId: number, file: InventoryFile): string {
  return `${msgId} ${file.name!.replace(/(\.\w+)$/, `_${file.id}$1`)}`;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => !it.isDirectory())
    .map((it) => join(it.parentPath, it.name));
}

/** Every file, with attributes that would change if it were touched. */
function snapshot(folder: string): string[] {
  return filesBelow(folder)
    .map((it) => {
      const { ino, size, mtimeMs, nlink } = lstatSync(it);
      return `${it} ${ino} ${size} ${mtimeMs} ${nlink}`;
    })
    .sort();
}
