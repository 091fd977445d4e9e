/** The whole fleet has no more file connections to a data centre than allowed, and none is lost for ever. */
import { randomUUID } from 'node:crypto';
import { createLogger } from '@tgsync/shared/app';
import { loadConfig } from '@tgsync/shared/config';
import { findMedia, type Media, recordDownloadLimits, storePage } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { NotItsTurnError } from '@tgsync/shared/errors';
import { Files } from '@tgsync/shared/telegram';
import type { World } from '@tgsync/telegram-emulator';
import { expect, vi } from 'vitest';
import { patience, test as base } from '@tgsync/testing';
import { addChat, document, message, page } from '@tgsync/testing/pages';

const home = 2;
const size = 100_000;
const log = createLogger('test', 'silent');

/** A document of the home data centre that some message has. */
async function addMedia(world: World, db: BareDb, bytes: number): Promise<Media> {
  const chat = world.addChannel({ title: 'News' });
  const it = world.addDocument({ dc: home, size: bytes });
  chat.addMessage({ text: 'file', document: it });
  await addChat(db, { id: chat.id });
  const row = document(it.id, {
    dcId: home,
    accessHash: it.accessHash,
    fileReference: Buffer.from(world.references.issue(it)),
    size: BigInt(bytes),
  });
  await storePage(db, page(chat.id, [message(1n, { media: [row] })]));
  return (await findMedia(db, row))!;
}

const test = base.extend<{ media: Media; workers: (count: number, max: number) => Promise<Files[]> }>({
  media: async ({ world, db }, use) => await use(await addMedia(world, db, size)),
  /** This many media workers. */
  workers: async ({ archive, db }, use) => {
    archive.configure({});
    const made: Files[] = [];
    await use(async (count, max) => {
      const [config, { env }] = [loadConfig(archive.env), archive];
      const settings = { maxConnections: () => max, requestTimeout: () => 240, checkHashes: () => 'never' as const };
      const deps = { config, env, db, log, ...settings };
      const some = await Promise.all(Array.from({ length: count }, () => Files.open(deps)));
      made.push(...some);
      return some;
    });
    await Promise.all(made.map((it) => it.close()));
  },
});

const open = (workers: readonly Files[]) => workers.reduce((sum, it) => sum + (it.openConnections()[home] ?? 0), 0);
const held = async (db: BareDb) =>
  (await db.$queryRaw<{ count: number }[]>`SELECT count(*)::int AS count FROM file_slot WHERE expires_at > now()`)[0]!
    .count;
const bring = (worker: Files, media: Media) =>
  worker.file(media, AbortSignal.timeout(patience.timeout)).read(0, 512 * 1024);

test('however many workers want a connection at once, no more get one than allowed, and each gets its turn', async ({
  db,
  telegram,
  media,
  workers,
}) => {
  const max = 3;
  const all = await workers(10, max);
  const seen: number[] = [];
  const off = telegram.onCall(() => seen.push(open(all)));
  const slots: number[] = [];
  await Promise.all(
    all.map(async (worker) => {
      expect(await bring(worker, media)).toHaveLength(size);
      slots.push(await held(db));
      await worker.close();
    }),
  );
  off();
  expect(Math.max(...seen)).toBe(max);
  expect(Math.max(...slots)).toBe(max);
  expect(await held(db)).toBe(0);
});

test('the slots of a killed worker are free when they expire, not before', async ({ db, media, workers }) => {
  const [worker] = await workers(1, 2);
  const holder = randomUUID();
  for (const slot of [1, 2])
    await db.$executeRaw`
      INSERT INTO file_slot (account_id, dc_id, slot, holder, expires_at) VALUES (0, ${home}, ${slot}, ${holder}::uuid, now() + interval '1.5 s')`;
  expect(await bring(worker!, media)).toHaveLength(size);
  expect(await held(db)).toBe(1); // both of the other worker's have expired, and one of them is ours
  expect(await db.fileSlot.count({ where: { holder } })).toBe(1);
});

test('a full data centre does not block another one', async ({ db, media, workers }) => {
  const [worker] = await workers(1, 1);
  await db.$executeRaw`
    INSERT INTO file_slot (account_id, dc_id, slot, holder, expires_at) VALUES (0, 4, 1, ${randomUUID()}::uuid, now() + interval '1 hour')`;
  expect(await bring(worker!, media)).toHaveLength(size);
});

test('a connection that broke while idle gives its slot to a new one', async ({ db, telegram, media, workers }) => {
  const [worker] = await workers(1, 1);
  await bring(worker!, media);
  expect(telegram.dropConnections({ dc: home })).toBe(1);
  await vi.waitUntil(() => telegram.counters().connections.every((it) => it.open === 0), patience);
  // Nothing comes of waiting until it expires.
  await db.$executeRaw`UPDATE file_slot SET expires_at = now() + interval '1 hour'`; // a round trip: our side has noticed as well
  expect(await bring(worker!, media)).toHaveLength(size);
});

test('a worker that lost its slots, as the database was unavailable for too long, closes its connections', async ({
  db,
  media,
  workers,
}) => {
  const [worker] = await workers(1, 1);
  await bring(worker!, media);
  expect(open([worker!])).toBe(1);
  await db.fileSlot.updateMany({ data: { expiresAt: new Date(0) } });
  await vi.waitUntil(() => open([worker!]) === 0, patience);
});

test('a worker that lost one slot closes one connection: downloads on the others continue', async ({
  db,
  telegram,
  media,
  workers,
}) => {
  await recordDownloadLimits(db, { small: 8, large: 1 });
  const [worker] = await workers(1, 2);
  const late = telegram.faults.add({ method: 'upload.getFile', kind: 'late' });
  const read = () => bring(worker!, media).catch((error: unknown) => error);
  const reads = Array.from({ length: 8 }, read);
  // Once it knows that it is the only worker, who asks for more opens the second connection.
  const areBothFull = () => {
    if (open([worker!]) < 2) reads.push(read());
    return late.hits === 8; // four on each
  };
  await vi.waitUntil(areBothFull, { ...patience, interval: 200 });
  expect(open([worker!])).toBe(2);
  await db.fileSlot.updateMany({ where: { slot: 1 }, data: { holder: randomUUID() } });
  await vi.waitUntil(() => open([worker!]) < 2, patience);
  expect(open([worker!])).toBe(1);
  late.remove();
  const brought = (await Promise.all(reads)).filter((it) => it instanceof Uint8Array);
  expect(brought.length).toBeGreaterThanOrEqual(4);
});

test('no more large files are read at once than Telegram wishes, and small ones go on meanwhile', async ({
  world,
  db,
  media,
  workers,
}) => {
  await recordDownloadLimits(db, { small: 5, large: 1 });
  const [worker] = await workers(1, 4);
  const [one, other] = [await addMedia(world, db, 30 * 1024 * 1024), await addMedia(world, db, 30 * 1024 * 1024)];
  const over = new AbortController();
  const part = 512 * 1024;
  const file = worker!.file(one, over.signal);
  expect(await file.read(0, part)).toHaveLength(part);
  await expect(bring(worker!, other)).rejects.toThrow(NotItsTurnError);
  expect(await bring(worker!, media)).toHaveLength(size);
  expect(await file.read(part, part), 'the one that was begun').toHaveLength(part);
  over.abort();
  await expect(file.read(0, part), 'a late part takes no place').rejects.toThrow();
  expect(await bring(worker!, other)).toHaveLength(part);
});
