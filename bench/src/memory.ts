/**
 * memory.ts: how much memory does an idle fleet need? Runs `npm start` with all its processes, after archiving a small world and idling
 * for a while. Postgres and the emulator are not counted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeEnvironment } from '@tgsync/shared/config';
import { chatStatuses, closeDb, type Db, openDb } from '@tgsync/shared/db';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { makeArchive } from '@tgsync/testing/archive';
import { startEmulator, wantAll } from './emulator.js';
import { childrenOf, memoryOf } from './usage.js';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '2000' },
    files: { type: 'string', default: '100' },
    bytes: { type: 'string', default: String(64 * 1024 ** 2) },
    rest: { type: 'string', default: '90' },
  },
});

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Starts it like `npm start`, with the Node flags from package.json. */
function startRunner(env: Record<string, string>): ChildProcess {
  const run = (name: string) => ['run', '--silent', name];
  return spawn('npm', run('start'), {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function untilArchived(db: Db): Promise<number> {
  for (;;) {
    const chats = await chatStatuses(db);
    const isWhole =
      chats.length > 0 && chats.every((it) => it.state === 'ok' && it.owedIds === 0n && it.mediaOwed === 0);
    if (isWhole) return chats.reduce((total, it) => total + it.messages, 0);
    await sleep(1000);
  }
}

/** npm, possibly through a shell, has the runner as its only child, and the runner has the apps. */
function measure(npm: number): Map<string, number> {
  let runner = childrenOf(npm)[0]!;
  while (!runner.args.some((it) => it.endsWith('run.mjs'))) runner = childrenOf(runner.pid)[0]!;
  const apps = childrenOf(runner.pid).map(({ pid, args }) => {
    const name = /apps\/([\w-]+)\/dist/.exec(args.join(' '))?.[1];
    return [name ?? args.join(' '), memoryOf(pid)] as const;
  });
  return new Map([['runner', memoryOf(runner.pid)], ...apps]);
}

const folder = mkdtempSync(join(tmpdir(), 'tgsync-bench-'));
chmodSync(folder, 0o755);
const postgres = await openEmbeddedPostgres(join(folder, 'postgres'));
const telegram = await startEmulator(values);
const archive = makeArchive(postgres.url, telegram);
try {
  await wantAll(archive, telegram);
  const npm = startRunner(writeEnvironment(archive.env));
  const db = await openDb(postgres.url);
  const messages = await untilArchived(db);
  await closeDb(db);
  console.log(`${messages} messages archived; idling for ${values.rest} s`);
  await sleep(Number(values.rest) * 1000);
  const memory = measure(npm.pid!);
  npm.kill('SIGTERM');
  await once(npm, 'exit');
  console.log('\n| process | PSS MiB |\n| --- | ---: |');
  for (const [name, it] of memory) console.log(`| ${name} | ${it.toFixed(0)} |`);
  console.log(`| all | ${[...memory.values()].reduce((total, it) => total + it, 0).toFixed(0)} |`);
} finally {
  telegram.child.kill('SIGTERM');
  archive.remove();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
