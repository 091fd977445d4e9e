/** whole.ts: is an archive complete and without a wrong byte? A short check, for tests about something else. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BareDb } from '@tgsync/shared/db/bare';
import type { Archive } from '@tgsync/testing';
import type { Emulator, World } from '@tgsync/telegram-emulator';

/** Compares counts, bytes and links with the inventory of the world. */
export async function expectWhole(world: World, archive: Archive, db: BareDb): Promise<void> {
  const inventory = await world.inventory();
  const stored = await db.message.findMany({ select: { chatId: true, id: true }, where: { deletedAt: null } });
  const key = (chatId: bigint, id: bigint | number) => `${chatId}/${id}`;
  assert.deepEqual(
    stored.map((it) => key(it.chatId, it.id)).sort(),
    inventory.messages.map((it) => key(it.chatId, it.id)).sort(),
  );
  expectFiles(inventory.files, archive.env);
  assert.equal(await db.message.count({ where: { linked: false } }), 0);
  await expectOwedKept(db);
}

/** Checks that `owed` in Postgres agrees with its definition. */
async function expectOwedKept(db: BareDb): Promise<void> {
  const wrong = await db.$queryRaw<unknown[]>`
    SELECT m.*, media.state, r.reference_refused_at FROM message_media m
    JOIN (SELECT 'photo' AS kind, id, state FROM photo UNION ALL SELECT 'document', id, state FROM document) media
      ON media.kind = m.kind AND media.id = m.media_id
    LEFT JOIN media_reference r ON r.kind = m.kind AND r.media_id = m.media_id AND r.owner_id = m.owner_id
    WHERE r.kind IS NULL OR (m.owed, m.reference_at) IS DISTINCT FROM (owed_of(m, media.state, r.reference_refused_at), r.reference_at)`;
  assert.deepEqual(wrong, []);
}

/** A file of an inventory, or of its JSON form. */
interface ExpectedFile {
  kind: 'photo' | 'document';
  id: bigint | string;
  sha256: string;
  messages: readonly unknown[];
}

/** Compares the disk with an inventory: every file once, complete, with a link for each message, and nothing else. */
export function expectFiles(files: readonly ExpectedFile[], { media, temp }: { media: string; temp: string }): void {
  for (const file of files) {
    const repo = join(media, file.kind === 'photo' ? 'photo-by-id' : 'documents-by-id');
    const name = readdirSync(repo).find((it) => it.startsWith(`${file.id}.`));
    assert(name, `${file.kind} ${file.id} is missing`);
    const path = join(repo, name);
    assert.equal(createHash('sha256').update(readFileSync(path)).digest('hex'), file.sha256, `the bytes of ${path}`);
    assert.equal(lstatSync(path).nlink, file.messages.length + 1, `the links of ${path}`);
  }
  const repoFiles = ['photo-by-id', 'documents-by-id'].flatMap((it) => readdirSync(join(media, it)));
  assert.equal(repoFiles.length, files.length);
  assert.deepEqual(readdirSync(temp), []);
  assert.deepEqual(readdirSync(join(media, '.incoming')), []);
}

/** Resolves once the server has handled a method `count` times from now on. */
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
