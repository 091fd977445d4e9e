/** fixtures.ts: real parts for a test: a database, an emulator with a world, an archive, a fleet; each test has its own, and all are closed. */
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
    /** URL of the database that others are cloned from. */
    templateUrl: string;
    /** The fastest folder of this machine, for data that need not be on a disk. */
    scratch: string;
    /** Where the fleet's queues are. */
    backend: 'postgres' | 'redis';
  }
}

export interface Fixtures {
  /** A world for the test to fill; replace it with `test.extend` or `test.scoped`. */
  world: World;
  telegram: Emulator;
  databaseUrl: string;
  db: BareDb;
  /** A private Redis, if this run has its queues in Redis. */
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
  fleet: async ({ archive, onTestFailed }, use) => {
    const fleet = new Fleet(archive.env);
    onTestFailed(() => console.error(fleet.lastLines()));
    await use(fleet);
    await fleet.stop();
  },
});
