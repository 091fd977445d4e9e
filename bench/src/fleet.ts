/**
 * fleet.ts: what does it take to archive a given number of messages and bytes? Runs the real apps and the emulator as separate processes
 * on this machine: wall time, CPU and peak memory of each.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chatStatuses, closeDb, openDb } from '@tgsync/shared/db';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { makeArchive } from '@tgsync/testing/archive';
import { Fleet } from '@tgsync/testing/fleet';
import { startEmulator, wantAll } from './emulator.js';
import { Watch } from './usage.js';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    files: { type: 'string', default: '400' },
    bytes: { type: 'string', default: String(2 * 1024 ** 3) },
    'media-workers': { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '4' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'tgsync-bench-'));
chmodSync(folder, 0o755);
const postgres = await openEmbeddedPostgres(join(folder, 'postgres'));
const telegram = await startEmulator(values);
const archive = makeArchive(postgres.url, telegram);
try {
  await wantAll(archive, telegram, { concurrent_downloads: Number(values.concurrency) });
  const fleet = new Fleet(archive.env);
  const named = new Map<string, ChildProcess>([['emulator', telegram.child]]);
  const watch = new Watch(() => [...named].flatMap(([name, it]) => (it.pid ? [[name, it.pid] as const] : [])));
  const began = performance.now();
  named.set('fetch-worker', fleet.start('fetch-worker'));
  for (let index = 1; index <= Number(values['media-workers']); index++)
    named.set(`media-worker ${index}`, fleet.start('media-worker'));
  const scheduler = fleet.start('scheduler', '--once');
  named.set('scheduler', scheduler);
  const code = await fleet.exit(scheduler);
  const seconds = (performance.now() - began) / 1000;
  const usage = watch.stop();
  await fleet.stop();
  const db = await openDb(postgres.url, { migrate: true });
  const status = await chatStatuses(db);
  await closeDb(db);
  const sum = (of: (it: (typeof status)[number]) => number) => status.reduce((total, it) => total + of(it), 0);
  console.log(
    `exit code ${code}, ${sum((it) => it.messages)} messages, ${sum((it) => it.mediaSaved)} files in chats, wall ${seconds.toFixed(1)} s`,
  );
  console.log('\n| process | CPU s | peak MiB |\n| --- | ---: | ---: |');
  for (const [name, it] of usage) console.log(`| ${name} | ${it.cpuSeconds.toFixed(1)} | ${it.peakMiB.toFixed(0)} |`);
} finally {
  telegram.child.kill('SIGTERM');
  archive.remove();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
