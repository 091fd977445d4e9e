/**
 * global-setup.ts: one Postgres for a test run, with a migrated template database (including the queues' tables) that each test clones.
 * The server of a killed run is stopped by the next run.
 */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '@tgsync/shared/db';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { openQueues } from '@tgsync/shared/jobs';
import type { TestProject } from 'vitest/node';
import { fastestFolder, candidateFolders } from './memory.js';

const prefix = 'tgsync-test-';
/** Tests need no durability: the server ends with the run. */
const settings = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB', // the data may be in memory
  max_connections: '500',
};

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const scratch = fastestFolder();
  const folder = mkdtempSync(join(scratch, prefix));
  chmodSync(folder, 0o755); // Postgres may have to run as another user
  writeFileSync(join(folder, 'owner'), `${process.pid}`);
  const postgres = await openEmbeddedPostgres(join(folder, 'postgres'), { settings });
  await migrate(postgres.url);
  const queues = await openQueues({ redisUrl: undefined, databaseUrl: postgres.url, archive: 'none' }, () => {});
  await queues.close();
  project.provide('templateUrl', postgres.url);
  project.provide('scratch', scratch);
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Stops and removes what runs whose process is gone left behind. */
async function sweep(): Promise<void> {
  const left = candidateFolders().flatMap((scratch) =>
    readdirSync(scratch).map((name) => ({ name, folder: join(scratch, name) })),
  );
  for (const { folder } of left.filter(({ name }) => name.startsWith(prefix))) {
    const owner = existsSync(join(folder, 'owner')) ? Number(readFileSync(join(folder, 'owner'), 'utf8')) : 0;
    if (!owner || isAlive(owner)) continue;
    if (existsSync(join(folder, 'postgres', 'data', 'postmaster.pid'))) {
      await openEmbeddedPostgres(join(folder, 'postgres'), { settings }).then((it) => it.stop());
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
