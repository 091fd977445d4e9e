/**
 * small.ts: what does a small file cost? One media worker, the emulator and Postgres (and Redis) as separate processes on this machine;
 * the first files only warm up.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { closeDb, openDb } from '@tgsync/shared/db';
import { bare } from '@tgsync/shared/db/bare';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { makeArchive, type Telegram } from '@tgsync/testing/archive';
import { Fleet } from '@tgsync/testing/fleet';
import { startRedis } from '@tgsync/testing/redis';
import { flushesPerSecond } from './report/disk.js';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '700' },
    warm: { type: 'string', default: '100' },
    concurrency: { type: 'string', default: '4' },
    backend: { type: 'string', default: 'postgres' },
    /** Writes a CPU profile of the media worker here. */
    profile: { type: 'string' },
    /** Lists the statements. */
    statements: { type: 'boolean', default: false },
    folder: { type: 'string', default: tmpdir() },
  },
});
const [files, warm] = [Number(values.files), Number(values.warm)];

interface Counts {
  statements: number;
  flushes: number;
  cpuMs: number;
  texts: [string, number][];
  profile?: object;
}

async function askCounts(child: ChildProcess, request: string): Promise<Counts> {
  child.send(request);
  return ((await once(child, 'message')) as [Counts])[0];
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(values.folder, 'tgsync-bench-'));
chmodSync(folder, 0o755);
process.env.TMPDIR = folder;
const postgres = await openEmbeddedPostgres(join(folder, 'postgres'));
const redis = values.backend === 'redis' ? await startRedis() : undefined;
const emulator = fork(here('small-world.js'), [values.files]);
const [telegram] = (await once(emulator, 'message')) as [{ server: object; account: object; chat: string }];
const archive = makeArchive(
  postgres.url,
  { server: telegram.server, world: telegram } as unknown as Telegram,
  redis?.url,
);
try {
  archive.configure({ [telegram.chat]: {} }, { tg: { concurrent_downloads: Number(values.concurrency) } });
  await archive.logIn();
  const fleet = new Fleet(archive.env);
  const fetching = fleet.start('fetch-worker');
  fleet.start('scheduler');
  await fleet.until((it) => it.msg === 'planning');
  const db = bare(await openDb(postgres.url));
  const count = async (where: string) =>
    Number((await db.$queryRawUnsafe<{ n: bigint }[]>(`SELECT count(*) AS n FROM document ${where}`))[0]!.n);
  const until = async (where: string, wanted: number) => {
    while ((await count(where)) < wanted) await sleep(20);
  };
  await until('', files);
  await fleet.kill(fetching, 'SIGTERM');
  process.env.NODE_OPTIONS = `--import ${here('small-counts.js')}`;
  const media = fleet.start('media-worker');
  delete process.env.NODE_OPTIONS;
  await until('WHERE saved', warm);
  const [began, before] = [performance.now(), await askCounts(media, values.profile ? 'profile' : 'begin')];
  const from = await count('WHERE saved');
  await until('WHERE saved', files);
  const seconds = (performance.now() - began) / 1000;
  const after = await askCounts(media, 'end');
  const saved = files - from;
  const each = (name: 'statements' | 'flushes' | 'cpuMs') => ((after[name] - before[name]) / saved).toFixed(1);
  console.log(
    `${values.backend}: ${(saved / seconds).toFixed(0)} files/s; each ${each('cpuMs')} ms of CPU, ${each('statements')} statements, ${each('flushes')} flushes`,
  );
  console.log(`the disk can flush ${flushesPerSecond()} times a second, one after the other`);
  if (values.profile) writeFileSync(values.profile, JSON.stringify(after.profile));
  if (values.statements) {
    const was = new Map(before.texts);
    const rows = after.texts.map(([text, n]) => [((n - (was.get(text) ?? 0)) / saved).toFixed(2), text] as const);
    for (const [n, text] of rows.sort((a, b) => Number(b[0]) - Number(a[0])).slice(0, 45)) console.log(n, text);
  }
  await closeDb(db);
  await fleet.stop();
} finally {
  emulator.disconnect();
  archive.remove();
  await redis?.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
