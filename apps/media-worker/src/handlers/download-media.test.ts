/** What a killed run left is continued without a byte from Telegram, and /temp keeps nothing of what is saved. */
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@tgsync/shared/app';
import { claimMedia, findMedia, makeOwedAgain, releaseClaim } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import { openQueues } from '@tgsync/shared/jobs';
import type { Files } from '@tgsync/shared/telegram';
import { test as base } from '@tgsync/testing';
import { describe, expect, vi } from 'vitest';
import { nameRules } from '../naming.js';
import { RunningDownloads } from '../running.js';
import { openDiskSpace } from '@tgsync/shared/media';
import { claimMediaFolder, fingerprintOf, incomingName, MediaStore, PartFile, partSize } from '@tgsync/shared/store';
import { downloadMedia } from './download-media.js';
import { addChat, addDocument } from '@tgsync/testing/pages';

const archive = '0b0e0a60-0000-4000-8000-000000000001';
const ref = { kind: 'document', id: 32n } as const;
const small = Buffer.from('abc');
/** More than one part, so it comes into /temp first. */
const large = Buffer.alloc(partSize + 3, 'no two parts are alike; ');
/** What the document is. */
let content = small;
const sha256 = () => createHash('sha256').update(content).digest('hex');

async function isLarge(db: BareDb): Promise<void> {
  content = large;
  await db.document.updateMany({ data: { size: BigInt(large.length) } });
}

const usualNames = { maxNameBytes: 255, padIds: 0, photoName: null, documentName: null, mediaFolder: null };
/** What a test sets otherwise. */
let named: Partial<Parameters<typeof nameRules>[0]> = {};

/** No connection to Telegram at all: any request fails the test. */
const noTelegram = {} as Files;
/** A connection that delivers the bytes. */
const telegram = {
  awaitTurn: async () => {},
  file: () => ({
    read: async (offset: number, limit: number) => Buffer.from(content.subarray(offset, offset + limit)),
    isEqual: async (read: (range: object) => Promise<Buffer>) =>
      (await read({ from: 0, to: content.length })).equals(content),
  }),
} as unknown as Files;

/** A message of the friend that contains the document. */
async function hold(db: BareDb, messageId: bigint): Promise<void> {
  const message = { chatId: 5n, ownerId: 1n, date: new Date(), message: '', raw: {}, rawLayer: 1 };
  await db.message.create({ data: { id: messageId, ...message } });
  const media = { kind: ref.kind, mediaId: ref.id, position: 0, via: 'media' };
  await db.messageMedia.create({ data: { chatId: 5n, messageId, ownerId: 1n, ...media } });
}

/** Records what a run records before the file leaves /temp. */
async function recordHashOf(db: BareDb): Promise<void> {
  await db.document.updateMany({ data: { sha256: sha256() } });
}

const test = base.extend<{
  folder: string;
  run: (files?: Files, said?: { lastAttempt: boolean }) => Promise<string | void>;
}>({
  folder: async ({ db }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-handler-'));
    await addChat(db, { id: 5n, kind: 'user', title: 'Friend', wanted: true });
    await addDocument(db, { id: ref.id });
    await hold(db, 7n);
    named = {};
    content = small;
    await use(folder);
    rmSync(folder, { recursive: true });
  },
  run: async ({ db, databaseUrl, folder }, use) => {
    const [media, temp] = [join(folder, 'media'), join(folder, 'temp')];
    await claimMediaFolder(media, archive, false);
    const store = new MediaStore(media, archive);
    await store.prepare(temp);
    const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive }, () => {});
    const log = createLogger('test', 'silent');
    const diskSpace = await openDiskSpace({ db, log, temp, media, takesByRename: true, minFree: () => 0 });
    const names = () => nameRules({ ...usualNames, ...named });
    const running = new RunningDownloads();
    const context = {
      log,
      signal: new AbortController().signal,
      progress: async () => {},
      note: async () => {},
    };
    await use((files = noTelegram, said = { lastAttempt: false }) =>
      downloadMedia({
        db,
        queues,
        files,
        store,
        temp,
        diskSpace,
        running,
        names,
        question: async () => undefined,
        checksAll: () => false,
      })(ref, {
        ...context,
        ...said,
      }),
    );
    await diskSpace.close();
    await queues.close();
  },
});

function leaveParts(folder: string): void {
  mkdirSync(join(folder, 'temp', 'document-32.0'), { recursive: true });
  writeFileSync(join(folder, 'temp', 'document-32.0', 'bytes'), content);
  writeFileSync(join(folder, 'temp', 'document-32.part'), content);
  writeFileSync(join(folder, 'temp', 'document-32.part.json'), '{}');
}

async function expectSaved(db: BareDb, folder: string): Promise<void> {
  expect(await findMedia(db, ref)).toMatchObject({
    state: 'saved',
    fileName: '32.txt',
    sha256: sha256(),
    attempts: 0,
  });
  const link = statSync(join(folder, 'media', '5', '7 a.txt'));
  expect(link.ino).toBe(statSync(join(folder, 'media', 'documents-by-id', '32.txt')).ino);
  expect(link.nlink).toBe(2);
  expect(readdirSync(join(folder, 'temp'))).toEqual([]);
}

test.for(['.incoming/document-32-0.txt', '.incoming/document-32.txt', 'documents-by-id/32.txt'])(
  'killed when the whole file was %s, the next run records it',
  async (place, { db, folder, run }) => {
    leaveParts(folder);
    await recordHashOf(db);
    writeFileSync(join(folder, 'media', place), content);
    await run();
    await expectSaved(db, folder);
    await run(); // a duplicate job
    await expectSaved(db, folder);
  },
);

test('a file that rules leave out while it is downloaded is not kept, and comes again when it is wanted again', async ({
  db,
  folder,
  run,
}) => {
  await db.$executeRaw`CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE message_media SET link = 'skipped', rule = 'media: false'; RETURN NULL; END $$`;
  await db.$executeRaw`CREATE TRIGGER skip AFTER UPDATE OF claim ON document FOR EACH ROW EXECUTE FUNCTION skip()`;
  await run(telegram);
  expect(await findMedia(db, ref)).toMatchObject({ state: 'owed', fileName: null });
  for (const left of ['media/documents-by-id', 'media/.incoming', 'temp'])
    expect(readdirSync(join(folder, left)), left).toEqual([]);

  await db.$executeRaw`DROP TRIGGER skip ON document`;
  await db.messageMedia.updateMany({ data: { link: 'pending', rule: null } });
  await run(telegram);
  await expectSaved(db, folder);
});

test('a job for a file that is saved and linked changes no row', async ({ db, run }) => {
  await run(telegram);
  const rowsOf = async () => await db.$queryRaw`SELECT *, xmin::text FROM document`;
  const before = await rowsOf();
  await run();
  expect(await rowsOf()).toEqual(before);
});

test.for(['.incoming/document-32-1.txt', 'documents-by-id/32.txt', 'temp/document-32.part', 'temp/document-32.1'])(
  'a file of the right size that somebody put at %s is not taken for the right one',
  async (place, { db, folder, run }) => {
    await expect(run()).rejects.toThrow(); // creates the folders
    await db.document.updateMany({ data: { state: 'owed', attempts: 0 } });
    const isInTemp = place.startsWith('temp');
    if (isInTemp) await isLarge(db);
    const bad = Buffer.alloc(content.length, 'bad');
    const path = isInTemp ? join(folder, place) : join(folder, 'media', place);
    const record = JSON.stringify({ size: content.length, partSize, done: [[0, 'AAAAAAAAAAAAAAAAAAAAAA']] });
    const isFolder = place.endsWith('.1');
    if (isFolder) mkdirSync(path, { recursive: true });
    writeFileSync(isFolder ? join(path, 'bytes') : path, bad);
    if (isInTemp) writeFileSync(isFolder ? join(path, 'record') : `${path}.json`, record);
    if (place.startsWith('documents')) {
      await expect(run(telegram)).rejects.toThrow(`${path} is already there, but its bytes differ from Telegram's`);
      expect(readFileSync(path).equals(bad)).toBe(true);
      rmSync(path);
      await db.document.updateMany({ data: { attempts: 0 } });
      await run(); // continues what was downloaded
    } else {
      await run(telegram);
    }
    await expectSaved(db, folder);
    expect(readFileSync(join(folder, 'media', 'documents-by-id', '32.txt')).equals(content)).toBe(true);
  },
);

test('a file that gets the name in the repo while it is downloaded stays, and the next attempt compares them', async ({
  db,
  folder,
  run,
}) => {
  const repo = join(folder, 'media', 'documents-by-id', '32.txt');
  const own = Buffer.alloc(content.length, 'own');
  const meanwhile = {
    awaitTurn: async () => {},
    file: () => ({
      read: async () => {
        writeFileSync(repo, own);
        return content;
      },
    }),
  } as unknown as Files;
  await expect(run(meanwhile)).rejects.toThrow('put there in the meantime');
  await expect(run()).rejects.toThrow('already there, but its bytes differ');
  expect(readFileSync(repo).equals(own)).toBe(true);
  writeFileSync(repo, content);
  await db.document.updateMany({ data: { state: 'owed', attempts: 0 } });
  await run();
  await expectSaved(db, folder);
});

test('attempts are counted in Postgres, whatever the queue says; Retry gives a full set', async ({ db, run }) => {
  const broken = {
    awaitTurn: async () => {},
    file: () => ({ read: () => Promise.reject(new Error('odd answer')) }),
  } as unknown as Files;
  const failAgain = async (lastAttempt: boolean) => {
    const error = await run(broken, { lastAttempt }).catch((it: unknown) => it);
    const { state, attempts } = (await findMedia(db, ref))!;
    return [error instanceof PermanentError, state, attempts];
  };
  for (const round of [1, 2]) {
    for (let nth = 1; nth < 5; nth++) expect(await failAgain(true), `round ${round}`).toEqual([false, 'owed', nth]);
    expect(await failAgain(false)).toEqual([true, 'failed', 5]);
  }
});

test.for(['while it comes', 'when it is hashed'])(
  'a file of the right size that somebody swaps in /temp %s is never taken for the right one',
  async (when, { db, folder, run }) => {
    await isLarge(db);
    const part = join(folder, 'temp', 'document-32.1', 'bytes');
    const swap = () => {
      writeFileSync(join(folder, 'evil'), 'bad');
      renameSync(join(folder, 'evil'), part);
    };
    const swapping = {
      awaitTurn: async () => {},
      file: () => ({
        read: async (offset: number, limit: number) => {
          if (when === 'while it comes' && offset === 0) swap();
          return Buffer.from(content.subarray(offset, offset + limit));
        },
      }),
    } as unknown as Files;
    const fingerprint = vi.spyOn(PartFile.prototype, 'fingerprint').mockImplementation(async function (this: PartFile) {
      if (when === 'when it is hashed') swap();
      return await fingerprintOf(this.handle);
    });
    await expect(run(swapping)).rejects.toThrow(`${part} is no longer the file that tgsync wrote`);
    fingerprint.mockRestore();
    expect(readdirSync(join(folder, 'temp'))).toEqual([]);
    expect(readdirSync(join(folder, 'media', '.incoming'))).toEqual([]);
    await run(telegram);
    expect(await findMedia(db, ref)).toMatchObject({ state: 'saved', sha256: sha256() });
    expect(readFileSync(join(folder, 'media', 'documents-by-id', '32.txt')).equals(content)).toBe(true);
  },
);

describe('the next owner', () => {
  const size = 5 * partSize + 1000;
  const bytes = Buffer.alloc(size, 'no two parts of it are alike; ');
  /** Delivers this many parts, then fails. */
  const bringing = (count: number) => {
    const asked: number[] = [];
    const read = async (offset: number, limit: number) => {
      if (asked.length === count) throw new RetryAfterError(1000, 'a flood wait');
      asked.push(offset / partSize);
      return Buffer.from(bytes.subarray(offset, offset + limit));
    };
    return { asked, files: { awaitTurn: async () => {}, file: () => ({ read }) } as unknown as Files };
  };

  test.for(['a folder', 'two files of an older version'])(
    'asks for no part again that the one before brought: %s',
    async (form, { db, folder, run }) => {
      await db.document.updateMany({ data: { size: BigInt(size) } });
      const [first, next] = [bringing(3), bringing(Infinity)];
      await expect(run(first.files)).rejects.toThrow('a flood wait');
      const temp = join(folder, 'temp');
      expect(readdirSync(temp)).toEqual(['document-32.1']);
      if (form !== 'a folder') {
        renameSync(join(temp, 'document-32.1', 'bytes'), join(temp, 'document-32.part'));
        renameSync(join(temp, 'document-32.1', 'record'), join(temp, 'document-32.part.json'));
        rmSync(join(temp, 'document-32.1'), { recursive: true });
      }
      await run(next.files);
      expect([...first.asked, ...next.asked].sort()).toEqual([0, 1, 2, 3, 4, 5]);
      expect(readFileSync(join(folder, 'media', 'documents-by-id', '32.txt')).equals(bytes)).toBe(true);
      expect(readdirSync(temp)).toEqual([]);
    },
  );
});

const steps = { small: ['read', 'takeInBytes'], large: ['read', 'fingerprint', 'takeIn', 'sourceOf'] } as const;
const stepsOfBoth = ['date', 'showNew', 'keep'] as const;

test.for([
  ...[...steps.small, ...stepsOfBoth].map((it) => ['small', it] as const),
  ...[...steps.large, ...stepsOfBoth].map((it) => ['large', it] as const),
])(
  'a worker whose claim lapses on a %s file at its %s leaves what its successor did, and that is no failure',
  async ([which, step], { db, folder, run }) => {
    if (which === 'large') await isLarge(db);
    let began = 0;
    /** The first to get here sleeps until another worker has finished. */
    const sleepThrough = async () => {
      if (++began > 1) return;
      await db.document.updateMany({ data: { claimedUntil: new Date(0) } });
      await run(telegram);
      await expectSaved(db, folder);
    };
    const late = {
      awaitTurn: async () => {},
      file: () => ({
        read: async (offset: number, limit: number) => {
          if (step === 'read') await sleepThrough();
          return Buffer.from(content.subarray(offset, offset + limit));
        },
      }),
    } as unknown as Files;
    if (step === 'fingerprint') asleep(PartFile.prototype, step, sleepThrough);
    else if (step !== 'read') asleep(MediaStore.prototype, step, sleepThrough);
    const error: unknown = await run(late).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(RetryAfterError);
    expect((error as Error).message).toBe('another worker has taken it over');
    await expectSaved(db, folder);
    expect(readdirSync(join(folder, 'media', '.incoming'))).toEqual([]);
  },
);

test('a copy that ends only when its successor has linked his own replaces no link of it', async ({
  db,
  folder,
  run,
}) => {
  await isLarge(db);
  const steps = new EventEmitter();
  const [linked, ended] = [once(steps, 'linked'), once(steps, 'ended')];
  let successor: Promise<string | void> | undefined;
  vi.spyOn(MediaStore.prototype, 'takeIn').mockImplementationOnce(async (_source, { kind, claim }, fileName) => {
    await db.document.updateMany({ data: { claimedUntil: new Date(0) } });
    asleep(MediaStore.prototype, 'keep', async () => {
      steps.emit('linked');
      await ended;
    });
    successor = run(telegram);
    await linked;
    const copied = join(folder, 'media', '.incoming', incomingName(kind, fileName, claim));
    writeFileSync(copied, content);
    return copied;
  });
  await expect(run(telegram)).rejects.toThrow('another worker has taken it over');
  steps.emit('ended');
  await successor;
  await expectSaved(db, folder);
  expect(readdirSync(join(folder, 'media', '.incoming'))).toEqual([]);
});

/** Runs something before a method is called. */
function asleep<K extends string>(
  prototype: Record<K, (...args: never[]) => Promise<unknown>>,
  name: K,
  sleep: () => Promise<void>,
): void {
  const real = prototype[name];
  vi.spyOn(prototype as Record<string, (...args: never[]) => Promise<unknown>>, name).mockImplementation(
    async function (this: unknown, ...args) {
      await sleep();
      return await real.apply(this, args);
    },
  );
}

test('a link that the person deleted is not made again for a new message', async ({ db, folder, run }) => {
  await run(telegram);
  rmSync(join(folder, 'media', 'documents-by-id', '32.txt'));
  await hold(db, 8n);
  await run();
  expect(await db.messageMedia.findFirst({ where: { messageId: 8n } })).toMatchObject({ link: 'absent' });
  expect(readdirSync(join(folder, 'media', '5'))).toEqual(['7 a.txt']);
  expect(readdirSync(join(folder, 'media', 'documents-by-id'))).toEqual([]);
});

test.for([2n ** 50n, -1n])(
  'a document of a claimed size of %d bytes fails with that reason',
  async (size, { db, folder, run }) => {
    await db.document.updateMany({ data: { size } });
    await expect(run()).rejects.toThrow(PermanentError);
    const reason = expect.stringMatching(new RegExp(`${size} bytes.*0 to 16 GiB`)) as string;
    expect(await findMedia(db, ref)).toMatchObject({ state: 'failed', reason });
    expect(readdirSync(join(folder, 'temp'))).toEqual([]);
  },
);

describe('a file of the person with the name of a link', () => {
  const chat = (folder: string) => join(folder, 'media', '5');
  const put = (folder: string, name: string, bytes: string) => {
    mkdirSync(chat(folder), { recursive: true });
    writeFileSync(join(chat(folder), name), bytes);
  };
  const namesOf = async (db: BareDb) =>
    (await db.messageMedia.findMany({ orderBy: { messageId: 'asc' } })).map((it) => it.linkName);

  test('stays, and ours gets another name, also for a later message', async ({ db, folder, run }) => {
    put(folder, '7 a.txt', 'mine'); // of another size
    put(folder, '7 a_32.txt', 'own'); // of the same size
    await run(telegram);
    expect(await namesOf(db)).toEqual(['7 a_32_2.txt']);
    mkdirSync(join(chat(folder), '8 a.txt'));
    await hold(db, 8n);
    await run();
    expect(await namesOf(db)).toEqual(['7 a_32_2.txt', '8 a_32.txt']);
    expect(readFileSync(join(chat(folder), '7 a.txt'), 'utf8')).toBe('mine');
    expect(readFileSync(join(chat(folder), '7 a_32.txt'), 'utf8')).toBe('own');
    for (const name of ['7 a_32_2.txt', '8 a_32.txt'])
      expect(statSync(join(chat(folder), name)).ino).toBe(
        statSync(join(folder, 'media', 'documents-by-id', '32.txt')).ino,
      );
  });

  test('becomes the link if it has the same bytes', async ({ db, folder, run }) => {
    put(folder, '7 a.txt', 'abc');
    await run(telegram);
    await expectSaved(db, folder);
  });

  test('is ours if the link was made before: a damaged one is replaced', async ({ db, folder, run }) => {
    await run(telegram);
    const media = (await claimMedia(db, ref))!;
    expect(await makeOwedAgain(db, media, { again: [{ chatId: 5n, messageId: 7n }], deleted: [] })).toBe(true);
    await releaseClaim(db, media);
    rmSync(join(folder, 'media', 'documents-by-id', '32.txt'));
    writeFileSync(join(chat(folder), '7 a.txt'), 'damaged');
    await run(telegram);
    await expectSaved(db, folder);
    expect(readdirSync(chat(folder))).toEqual(['7 a.txt']);
  });
});

describe('by template', () => {
  const linkedAs = async (db: BareDb) =>
    (await db.messageMedia.findMany({ orderBy: { messageId: 'asc' } })).map((it) => `${it.linkFolder}/${it.linkName}`);

  test('a link has its folder; a later one that of the template of its time', async ({ db, folder, run }) => {
    named = { mediaFolder: '{title}/{ext}', documentName: '{name} {id:4}' };
    await run(telegram);
    await hold(db, 8n);
    named = { documentName: '{media} {id}' };
    await run();
    await hold(db, 9n);
    named = { padIds: 3 };
    await run();
    expect(await linkedAs(db)).toEqual(['Friend/txt/a 0007.txt', '5/32 8.txt', 'null/009 a.txt']);
    for (const it of ['Friend/txt/a 0007.txt', '5/32 8.txt', '5/009 a.txt'])
      expect(statSync(join(folder, 'media', it)).nlink, it).toBe(4);
  });

  test('a file of the person where a folder should be stays, and ours is another', async ({ db, folder, run }) => {
    named = { mediaFolder: 'Chats/{title}' };
    mkdirSync(join(folder, 'media', 'Chats'));
    writeFileSync(join(folder, 'media', 'Chats', 'Friend'), 'mine');
    await run(telegram);
    expect(await linkedAs(db)).toEqual(['Chats/Friend (5)/7 a.txt']);
    expect(readFileSync(join(folder, 'media', 'Chats', 'Friend'), 'utf8')).toBe('mine');
  });

  test('a folder that became a symbolic link is not followed', async ({ db, folder, run }) => {
    named = { mediaFolder: 'Chats/{title}' };
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'media', 'Chats'));
    await expect(run(telegram)).rejects.toThrow('a symbolic link instead of a folder');
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
    expect(await db.messageMedia.findFirst()).toMatchObject({ link: 'pending' });
  });
});
