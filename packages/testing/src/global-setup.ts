/**
 * global-setup.ts: one Postgres for a test run, with a migrated template database that each test clones.
 * A run that was killed leaves its server behind: the next run ends it.
 */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@tgsync/shared/db';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import type { TestProject } from 'vitest/node';

const prefix = 'tgsync-test-';
/** Tests need no durability: the server dies with the run. */
const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '500' };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o755); // Postgres may have to run as another user
  writeFileSync(join(folder, 'owner'), `${process.pid}`);
  const postgres = await openEmbeddedPostgres(join(folder, 'postgres'), { settings });
  await migrate(postgres.url);
  project.provide('templateUrl', postgres.url);
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Ends what runs left behind whose process is gone. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((it) => it.startsWith(prefix))) {
    const folder = join(tmpdir(), name);
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
