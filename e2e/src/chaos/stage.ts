/** stage.ts: where a long run takes place: a world behind an emulator, and services, an archive and a fleet of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scope } from '@tgsync/shared/app';
import { type Emulator, startEmulator, type World } from '@tgsync/telegram-emulator';
import { type Archive, makeArchive } from '@tgsync/testing/archive';
import { Fleet } from '@tgsync/testing/fleet';
import type { LongRun } from '../long-runs.js';
import { OwnPostgres, OwnRedis } from './services.js';

export interface Stage {
  telegram: Emulator;
  postgres: OwnPostgres;
  redis: OwnRedis | undefined;
  /** Nobody has logged in yet. */
  archive: Archive;
  /** Nothing of it runs yet. */
  fleet: Fleet;
  /** Closed first: whatever the run itself opens. */
  scope: Scope;
}

/** Lets a run take place and cleans up after it; returns its seconds. If it throws, the log of the fleet is kept in a file. */
export async function onStage(
  name: string,
  world: World,
  { seed, backend, signal, say }: Omit<LongRun, 'signal'> & { signal?: AbortSignal },
  play: (stage: Stage) => Promise<void>,
): Promise<number> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), `tgsync-${name}-`));
  const scope = new Scope();
  scope.use(folder, (it) => rmSync(it, { recursive: true, force: true }));
  const telegram = scope.use(await startEmulator({ world }), (it) => it.close());
  const postgres = scope.use(await OwnPostgres.start(join(folder, 'postgres')), (it) => it.stop());
  const redis = backend === 'redis' ? await OwnRedis.start(join(folder, 'redis')) : undefined;
  scope.use(redis, (it) => it?.stop());
  const archive = scope.use(makeArchive(postgres.url, telegram, redis?.url), (it) => it.remove());
  const fleet = scope.use(new Fleet(archive.env), (it) => it.stop());
  try {
    await play({ telegram, postgres, redis, archive, fleet, scope });
    return Math.round((performance.now() - began) / 1000);
  } catch (error) {
    signal?.throwIfAborted();
    const log = join(tmpdir(), `tgsync-${name}-${seed}-${backend}.log`);
    writeFileSync(log, fleet.log.map((it) => JSON.stringify(it)).join('\n'));
    say(`its log is in ${log}`);
    throw error;
  } finally {
    await scope.close();
  }
}
