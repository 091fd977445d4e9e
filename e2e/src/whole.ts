/** whole.ts: is an archive complete and without a wrong byte? In short, for tests about something else. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Db } from '@tgsync/shared/db';
import type { Archive } from '@tgsync/testing';
import type { Emulator, World } from '@tgsync/telegram-emulator';
import { expect } from 'vitest';

/** Compares counts, bytes and links with the inventory of the world. */
export async function expectWhole(world: World, archive: Archive, db: Db): Promise<void> {
  const inventory = await world.inventory();
  const stored = await db.message.findMany({ select: { chatId: true, id: true } });
  const key = (chatId: bigint, id: bigint | number) => `${chatId}/${id}`;
  expect(stored.map((it) => key(it.chatId, it.id)).sort()).toEqual(
    inventory.messages.map((it) => key(it.chatId, it.id)).sort(),
  );
  expectFiles(inventory.files, archive.env);
  expect(await db.message.count({ where: { linked: false } })).toBe(0);
}

/** A file of an inventory, or of its JSON. */
interface ExpectedFile {
  kind: 'photo' | 'document';
  id: bigint | string;
  sha256: string;
  messages: readonly unknown[];
}

/** Compares the disk with an inventory: every file once, whole, with a link for each message, and nothing else. */
export function expectFiles(files: readonly ExpectedFile[], { media, temp }: { media: string; temp: string }): void {
  for (const file of files) {
    const repo = join(media, file.kind === 'photo' ? 'photo-by-id' : 'documents-by-id');
    const name = readdirSync(repo).find((it) => it.startsWith(`${file.id}.`));
    expect(name, `${file.kind} ${file.id}`).toBeDefined();
    const path = join(repo, name!);
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(file.sha256);
    expect(lstatSync(path).nlink).toBe(file.messages.length + 1);
  }
  const repoFiles = ['photo-by-id', 'documents-by-id'].flatMap((it) => readdirSync(join(media, it)));
  expect(repoFiles.length).toBe(files.length);
  expect(readdirSync(temp)).toEqual([]);
  expect(readdirSync(join(media, '.incoming'))).toEqual([]);
}

/** Resolves when the server has met a method `count` times from now on. */
export async function calls(telegram: Emulator, method: string, count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let left = count;
    const off = telegram.onCall((call) => {
      if (call.method !== method || --left > 0) return;
      off();
      resolve();
    });
  });
}
