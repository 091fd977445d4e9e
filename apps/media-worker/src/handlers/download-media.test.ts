/** What a killed run left is taken up without a byte from Telegram, and /temp holds nothing of what is saved. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@tgsync/shared/app';
import { type Db, findMedia } from '@tgsync/shared/db';
import { openQueues } from '@tgsync/shared/jobs';
import type { Files } from '@tgsync/shared/telegram';
import { test as base } from '@tgsync/testing';
import { expect } from 'vitest';
import { RunningDownloads } from '../running.js';
import { claimMediaFolder } from '@tgsync/shared/store';
import { MediaStore } from '../store/media-store.js';
import { Room } from '../store/room.js';
import { downloadMedia } from './download-media.js';

const archive = '0b0e0a60-0000-4000-8000-000000000001';
const ref = { kind: 'document', id: 32n } as const;
const content = 'abc';

/** No connection to Telegram at all: asking it for anything ends the test. */
const noTelegram = {} as Files;

const test = base.extend<{ folder: string; run: () => Promise<void> }>({
  folder: async ({ db }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-handler-'));
    await db.chat.create({ data: { id: 5n, kind: 'user', title: 'Friend', wanted: true } });
    const asSent = { dcId: 2, accessHash: 1n, fileReference: Buffer.from('r'), type: 'text/plain', name: 'a.txt' };
    await db.document.create({ data: { id: ref.id, size: 3n, ...asSent } });
    await db.messageMedia.create({
      data: { chatId: 5n, messageId: 7n, kind: ref.kind, mediaId: ref.id, position: 0, via: 'media' },
    });
    await use(folder);
    rmSync(folder, { recursive: true });
  },
  run: async ({ db, databaseUrl, folder }, use) => {
    const [media, temp] = [join(folder, 'media'), join(folder, 'temp')];
    await claimMediaFolder(media, archive, false);
    const store = new MediaStore(media, archive);
    await store.prepare(temp);
    const queues = await openQueues({ redisUrl: undefined, databaseUrl }, () => {});
    const room = await Room.open({ temp, media, takesByRename: true, minFree: () => 0 });
    const names = () => ({ maxBytes: 255 });
    const running = new RunningDownloads();
    const handle = downloadMedia({ db, queues, files: noTelegram, store, temp, room, running, names });
    const context = {
      log: createLogger('test', 'silent'),
      signal: new AbortController().signal,
      lastAttempt: false,
      progress: async () => {},
      note: async () => {},
    };
    await use(() => handle(ref, context));
    room.close();
    await queues.close();
  },
});

function leaveParts(folder: string): void {
  mkdirSync(join(folder, 'temp'), { recursive: true });
  writeFileSync(join(folder, 'temp', 'document-32.part'), content);
  writeFileSync(join(folder, 'temp', 'document-32.part.json'), '{}');
}

async function expectSaved(db: Db, folder: string): Promise<void> {
  expect(await findMedia(db, ref)).toMatchObject({
    state: 'saved',
    fileName: '32.txt',
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    attempts: 0,
  });
  const link = statSync(join(folder, 'media', '5', '7 a.txt'));
  expect(link.ino).toBe(statSync(join(folder, 'media', 'documents-by-id', '32.txt')).ino);
  expect(link.nlink).toBe(2);
  expect(readdirSync(join(folder, 'temp'))).toEqual([]);
}

test.for(['.incoming/document-32.txt', 'documents-by-id/32.txt'])(
  'killed when the whole file was %s, the next run records it',
  async (place, { db, folder, run }) => {
    leaveParts(folder);
    writeFileSync(join(folder, 'media', place), content);
    await run();
    await expectSaved(db, folder);
    await run(); // a job that came twice
    await expectSaved(db, folder);
  },
);

test('a job for what is saved and linked changes no row', async ({ db, folder, run }) => {
  writeFileSync(join(folder, 'media', 'documents-by-id', '32.txt'), content);
  await run();
  const rowsOf = async () => await db.$queryRaw`SELECT *, xmin::text FROM document`;
  const before = await rowsOf();
  await run();
  expect(await rowsOf()).toEqual(before);
});

test('what the person deleted is not made again for a new message', async ({ db, folder, run }) => {
  writeFileSync(join(folder, 'media', 'documents-by-id', '32.txt'), content);
  await run();
  rmSync(join(folder, 'media', 'documents-by-id', '32.txt'));
  await db.messageMedia.create({
    data: { chatId: 5n, messageId: 8n, kind: ref.kind, mediaId: ref.id, position: 0, via: 'media' },
  });
  await run();
  expect(await db.messageMedia.findFirst({ where: { messageId: 8n } })).toMatchObject({ link: 'absent' });
  expect(readdirSync(join(folder, 'media', '5'))).toEqual(['7 a.txt']);
  expect(readdirSync(join(folder, 'media', 'documents-by-id'))).toEqual([]);
});
