/** tgsync.ts: our sides of the comparisons: the real processes, with a database, folders and queues of their own in each round. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cipher } from '@tgsync/shared/config';
import { type Archive, makeArchive } from '@tgsync/testing/archive';
import { Fleet } from '@tgsync/testing/fleet';
import { startRedis } from '@tgsync/testing/redis';
import type { Side } from '../report/rounds.js';
import type { BenchTelegram } from '../world/telegram.js';
import { type BenchPostgres, untilCount } from './postgres.js';
import { forFiles, forMessages, span } from './span.js';
import type { MediaSetting } from './stock.js';

export type QueueKind = 'Postgres' | 'Redis';

/** One build of tgsync. */
export interface Build {
  name: string;
  /** The folder of a built checkout. */
  checkout: string;
}

export const savedFiles =
  'SELECT (SELECT count(*) FROM photo WHERE saved) + (SELECT count(*) FROM document WHERE saved) AS count';

/** An archive of the benchmark's chat, logged in. */
export async function openArchive(telegram: BenchTelegram, databaseUrl: string, tg: object = {}): Promise<Archive> {
  const archive = makeArchive(databaseUrl, { server: telegram.server, world: { account: telegram.account } });
  archive.configure({ [telegram.chat]: {} }, { tg });
  await archive.logIn();
  return archive;
}

/** The processes of one round, and what they need. Call `end` when it is over. */
export async function openRound(archive: Pick<Archive, 'env'>, databaseUrl: string, queue: QueueKind, build: Build) {
  const redis = queue === 'Redis' ? await startRedis() : undefined;
  const [media, temp] = [join(archive.env.data, 'media'), join(archive.env.data, 'temp')];
  const fleet = new Fleet({ ...archive.env, media, temp, databaseUrl, redisUrl: redis?.url }, build.checkout);
  return {
    fleet,
    redisPid: redis?.pid,
    async end() {
      await fleet.stop();
      await redis?.stop();
      for (const it of [media, temp]) rmSync(it, { recursive: true, force: true });
    },
  };
}

/** Downloads every file: from the first request, which follows the first claim, until all files are recorded as saved. */
export async function tgsyncMedia(
  build: Build,
  { queue, cipher }: { queue: QueueKind; cipher: Cipher },
  { telegram, inFlight, latencyMs, postgres }: MediaSetting & { postgres: BenchPostgres },
): Promise<Side & { close: () => Promise<void> }> {
  const base = await postgres.database();
  const archive = await openArchive(telegram, base, { concurrent_downloads: inFlight });
  const reading = new Fleet(archive.env, build.checkout);
  for (const app of ['fetch-worker', 'scheduler'] as const) reading.start(app);
  await reading.until((it) => it.msg === 'connected to Telegram');
  await untilCount(base, 'SELECT count(*) FROM document', telegram.files);
  await reading.stop();

  /** Runs until so many files are saved. */
  const until = async (files: number) => {
    const databaseUrl = await postgres.database(base);
    const round = await openRound({ ...archive, env: { ...archive.env, cipher } }, databaseUrl, queue, build);
    for (const app of ['fetch-worker', 'scheduler'] as const) round.fleet.start(app);
    await round.fleet.until((it) => it.msg === 'connected to Telegram');
    telegram.latency(latencyMs);
    const { pid } = round.fleet.start('media-worker');
    const measured = { telegram, postgres, pid: pid!, from: 'upload.getFile' };
    const sample = await span(measured, () => untilCount(databaseUrl, savedFiles, files));
    telegram.latency(0);
    await round.end();
    await postgres.drop(databaseUrl);
    return forFiles(sample, telegram);
  };
  // Keys of other data centres are granted once in the life of a login.
  if (telegram.files > 1) await until(Math.min(telegram.files, 20));
  return {
    name: `${build.name}, ${cipher}, queues in ${queue}`,
    run: () => until(telegram.files),
    close: async () => archive.remove(),
  };
}

/** Reads the whole history: from its first call until every message is in the database. */
export async function tgsyncHistory(
  build: Build,
  telegram: BenchTelegram,
  postgres: BenchPostgres,
): Promise<Side & { close: () => Promise<void> }> {
  const archive = await openArchive(telegram, await postgres.database());
  return {
    name: build.name,
    async run() {
      const databaseUrl = await postgres.database();
      const round = await openRound(archive, databaseUrl, 'Postgres', build);
      const scheduler = round.fleet.start('scheduler'); // it makes the tables
      await round.fleet.until((it) => it.app === 'scheduler' && it.msg === 'started');
      const { pid } = round.fleet.start('fetch-worker');
      const measured = { telegram, postgres, pid: pid!, from: 'messages.getHistory' };
      const counting = 'SELECT count(*) FROM message';
      const sample = await span(measured, async () => {
        await round.fleet.until((it) => it.msg === 'connected to Telegram');
        await untilCount(databaseUrl, counting, telegram.messages, 250);
      });
      await round.fleet.kill(scheduler);
      await round.end();
      await postgres.drop(databaseUrl);
      return forMessages(sample, telegram.messages);
    },
    close: async () => archive.remove(),
  };
}
