/** fixtures.ts: what a test of real parts gets: a database, an emulator with a world, an archive, a fleet; all its own, all closed. */
import { closeDb, openDb } from '@tgsync/shared/db';
import { bare, type BareDb } from '@tgsync/shared/db/bare';
import { type Emulator, startEmulator, World } from '@tgsync/telegram-emulator';
import { inject, test as base } from 'vitest';
import { type Archive, makeArchive } from './archive.js';
import { cloneDatabase, dropDatabase } from './database.js';
import { Fleet } from './fleet.js';
import { startRedis } from './redis.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a database that is there to clone others from. */
    templateUrl: string;
    /** The quickest folder of this machine, for what no test wants on a disk. */
    place: string;
    /** Where the queues of the fleet live. */
    backend: 'postgres' | 'redis';
  }
}

export interface Fixtures {
  /** A world that the test fills; replace it with `test.extend` or `test.scoped`. */
  world: World;
  telegram: Emulator;
  databaseUrl: string;
  db: BareDb;
  /** A private Redis, where this run has its queues in one. */
  redisUrl: string | undefined;
  archive: Archive;
  fleet: Fleet;
}

export const test = base.extend<Fixtures>({
  world: async ({}, use) => {
    await use(new World());
  },
  telegram: async ({ world }, use) => {
    const telegram = await startEmulator({ world });
    await use(telegram);
    await telegram.close();
  },
  databaseUrl: async ({}, use) => {
    const template = inject('templateUrl');
    const url = await cloneDatabase(template);
    await use(url);
    await dropDatabase(template, url);
  },
  db: async ({ databaseUrl }, use) => {
    const db = bare(await openDb(databaseUrl));
    await use(db);
    await closeDb(db);
  },
  redisUrl: async ({}, use) => {
    if (inject('backend') === 'postgres') return await use(undefined);
    const redis = await startRedis();
    await use(redis.url);
    await redis.stop();
  },
  archive: async ({ databaseUrl, redisUrl, telegram }, use) => {
    const archive = makeArchive(databaseUrl, telegram, redisUrl);
    await archive.logIn();
    await use(archive);
    archive.remove();
  },
  fleet: async ({ archive }, use) => {
    const fleet = new Fleet(archive.env);
    await use(fleet);
    await fleet.stop();
  },
});
