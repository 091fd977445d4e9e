/**
 * history-cost.ts: what does it cost to read history into Postgres? Real fetch worker, scheduler and Postgres, the emulator in a process
 * of its own: CPU seconds, peak memory and wall time, per 100,000 messages. With `--other DIR`, a second clone that is built, both take
 * turns, and the rows that they stored are compared.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { writeEnvironment } from '@tgsync/shared/config';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { makeArchive } from '@tgsync/testing/archive';
import pg from 'pg';
import { type Emulator, startEmulator, wantAll } from './emulator.js';
import { type StoredRows, storedRows } from './stored-rows.js';
import { treeCpu, type Usage, usageOf, Watch } from './usage.js';

type DbModule = typeof import('@tgsync/shared/db');

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '100000' },
    files: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '3' },
    other: { type: 'string' },
    /** Milliseconds that each answer of the emulator is delayed. */
    latency: { type: 'string', default: '0' },
    /** A folder for CPU profiles of the fetch workers. */
    profile: { type: 'string' },
  },
});

const latencyMs = Number(values.latency);
const pollMs = 500;

interface Round extends StoredRows {
  build: string;
  seconds: number;
  fetch: Usage;
  postgres: number;
  emulator: number;
}

const here = fileURLToPath(new URL('../../', import.meta.url));
const builds = [here, ...(values.other ? [join(values.other, '/')] : [])];

/** Starts an app of one of the builds. Its log would only show what is measured here. */
function start(build: string, app: string, env: object): ChildProcess {
  const profile = values.profile && app === 'fetch-worker' ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];
  return spawn(process.execPath, ['--enable-source-maps', ...profile, `${build}apps/${app}/dist/main.js`], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function delayAnswers({ control }: Emulator): Promise<void> {
  const fault = { kind: 'delay', method: 'messages.getHistory', ms: latencyMs };
  await fetch(`${control}/faults`, { method: 'POST', body: JSON.stringify(fault) });
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** Resolves once no id of any wanted chat is owed. */
async function untilRead({ openDb, closeDb, chatStatuses }: DbModule, databaseUrl: string): Promise<void> {
  const db = await openDb(databaseUrl);
  for (;;) {
    const chats = await chatStatuses(db);
    if (chats.length > 0 && chats.every((it) => it.state === 'ok' && it.owedIds === 0n)) break;
    await sleep(pollMs);
  }
  await closeDb(db);
}

async function measure(build: string, databaseUrl: string, telegram: Emulator): Promise<Round> {
  const archive = makeArchive(databaseUrl, telegram);
  const children: ChildProcess[] = [];
  try {
    await wantAll(archive, telegram);
    const env = writeEnvironment(archive.env);
    const others = () => ({ postgres: treeCpu(postmaster), emulator: usageOf(telegram.child.pid!)!.cpuSeconds });
    const before = others();
    const began = performance.now();
    const fetcher = start(build, 'fetch-worker', env);
    children.push(fetcher, start(build, 'scheduler', env));
    const watch = new Watch(() => [['fetch', fetcher.pid!]]);
    const shared = (await import(pathToFileURL(`${build}packages/shared/dist/db/index.js`).href)) as DbModule;
    await untilRead(shared, databaseUrl);
    const seconds = (performance.now() - began) / 1000;
    const fetch = watch.stop().get('fetch')!;
    const after = others();
    await Promise.all(children.splice(0).map(stop));
    const stored = await storedRows(databaseUrl);
    return {
      build,
      seconds,
      fetch,
      postgres: after.postgres - before.postgres,
      emulator: after.emulator - before.emulator,
      ...stored,
    };
  } finally {
    await Promise.all(children.map(stop));
    archive.remove();
  }
}

/** A database of its own for a round. */
async function round(build: string, index: number, telegram: Emulator): Promise<Round> {
  const name = `round_${index}`;
  const admin = new pg.Client(postgres.url);
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  try {
    return await measure(build, url.href, telegram);
  } finally {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  }
}

function report(rounds: readonly Round[]): void {
  console.log('\n| build | messages | wall s | fetch CPU s / 100,000 | peak MiB | Postgres CPU s | emulator CPU s |');
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const { build, messages, seconds, fetch, postgres: pgCpu, emulator } of rounds) {
    const per = (fetch.cpuSeconds / messages) * 100_000;
    const cells = [seconds, per, fetch.peakMiB, pgCpu, emulator].map((it) => it.toFixed(1));
    console.log(`| ${[build, messages, ...cells].join(' | ')} |`);
  }
  const differing = Object.keys(rounds[0]!.digests).filter(
    (table) => new Set(rounds.map((it) => it.digests[table])).size > 1,
  );
  console.log(
    `\n${differing.length === 0 ? 'all rounds stored the same rows' : `THE ROWS DIFFER: ${differing.join(', ')}`}`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'tgsync-bench-'));
chmodSync(folder, 0o755);
const postgres = await openEmbeddedPostgres(join(folder, 'postgres'));
const postmaster = Number(readFileSync(join(postgres.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
const telegram = await startEmulator({ messages: values.messages, files: values.files, bytes: '0' });
try {
  if (latencyMs > 0) await delayAnswers(telegram);
  const rounds: Round[] = [];
  for (let index = 0; index < Number(values.rounds) * builds.length; index++) {
    rounds.push(await round(builds[index % builds.length]!, index, telegram));
    report(rounds.slice(-1));
  }
  report(rounds);
} finally {
  telegram.child.kill('SIGTERM');
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
