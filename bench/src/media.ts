/**
 * media.ts: how fast and at what cost are files downloaded, next to stock GramJS and mtcute? All write to files; tgsync also checks hashes,
 * flushes, and records everything in Postgres. The emulator has a process of its own.
 */
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { flushesPerSecond } from './report/disk.js';
import type { Cipher } from '@tgsync/shared/config';
import type { Section } from './report/measures.js';
import { publish } from './report/publish.js';
import { alternate } from './report/rounds.js';
import { sharesOfDownloads } from './report/shares.js';
import { type BenchPostgres, startPostgres } from './sides/postgres.js';
import { stockClients, stockMedia } from './sides/stock.js';
import { type Build, type QueueKind, tgsyncMedia } from './sides/tgsync.js';
import type { FileSpec } from './world/spec.js';
import { startTelegram } from './world/telegram.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    scenarios: { type: 'string', default: 'large,small,mix,large-60ms,small-60ms' },
    clients: { type: 'string', default: 'tgsync,gramjs,mtcute,mtcute-tuned' },
    queues: { type: 'string', default: 'Postgres,Redis' },
    /** A single file is downloaded by each of them, many files by the first. */
    ciphers: { type: 'string', default: 'native,wasm' },
    /** Files of all scenarios in percent of the usual number, or for a single file, of its size. */
    scale: { type: 'string', default: '100' },
    'in-flight': { type: 'string', default: '5' },
    against: { type: 'string' },
    /** A folder for the emulator's CPU profile. */
    'cpu-prof': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const scale = Number(values.scale) / 100;
const ciphers = values.ciphers.split(',') as Cipher[];
const [KiB, MiB] = [2 ** 10, 2 ** 20];
const everywhere = [1, 2, 3, 4];

interface Scenario {
  title: string;
  files: FileSpec[];
  latencyMs: number;
  manyFiles: boolean;
}

const one = (size: number): FileSpec[] => [{ count: 1, min: size * scale, max: size * scale, dcs: [2] }];
const small = (count: number, dcs: number[]): FileSpec => ({
  count: Math.ceil(count * scale),
  min: 20 * KiB,
  max: 80 * KiB,
  dcs,
});

const scenarios: Record<string, Scenario> = {
  large: { title: 'One file of 512 MiB', files: one(512 * MiB), latencyMs: 0, manyFiles: false },
  small: { title: '2,000 files of 20 to 80 KiB', files: [small(2000, [2])], latencyMs: 0, manyFiles: true },
  mix: {
    title: 'A mix over four data centres: 400 small files, 60 of 1 to 6 MiB, 4 of 32 MiB',
    files: [
      small(400, everywhere),
      { count: Math.ceil(60 * scale), min: MiB, max: 6 * MiB, dcs: everywhere },
      { count: Math.ceil(4 * scale), min: 32 * MiB, max: 32 * MiB, dcs: everywhere },
    ],
    latencyMs: 0,
    manyFiles: true,
  },
  /** How much memory does it take? Not asked for unless named: stock clients need most of an hour. */
  huge: {
    title: 'A file of 4,000 MiB and 1,000 files of 20 to 80 KiB',
    files: [...one(4000 * MiB), small(1000, [2])],
    latencyMs: 0,
    manyFiles: true,
  },
  'large-60ms': { title: 'One file of 64 MiB, 60 ms latency', files: one(64 * MiB), latencyMs: 60, manyFiles: false },
  'small-60ms': {
    title: '400 files of 20 to 80 KiB over four data centres, 60 ms latency',
    files: [small(400, everywhere)],
    latencyMs: 60,
    manyFiles: true,
  },
};

const builds: Build[] = [{ name: 'tgsync', checkout: fileURLToPath(new URL('../../', import.meta.url)) }];
if (values.against !== undefined) builds.push({ name: 'tgsync before', checkout: values.against });
const flags = values['cpu-prof'] === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values['cpu-prof']}`];

async function measure(scenario: Scenario, postgres: BenchPostgres): Promise<Section> {
  const { files, latencyMs, manyFiles } = scenario;
  const title = scale === 1 ? scenario.title : `${scenario.title} (scaled to ${values.scale} %)`;
  const telegram = await startTelegram({ texts: 0, files }, flags);
  const setting = { telegram, inFlight: Number(values['in-flight']), latencyMs };
  const wanted = values.clients.split(',');
  const ours = [];
  const queues = values.queues.split(',') as QueueKind[];
  const ways = manyFiles
    ? queues.map((queue) => ({ queue, cipher: ciphers[0]! }))
    : ciphers.map((cipher) => ({ queue: queues[0]!, cipher }));
  for (const build of wanted.includes('tgsync') ? builds : [])
    for (const way of ways) ours.push(await tgsyncMedia(build, way, { ...setting, postgres }));
  const others = wanted.flatMap((it) => (stockClients[it] ? [stockMedia(stockClients[it], setting)] : []));
  const rows = await alternate(title, [...ours, ...others], Number(values.rounds));
  for (const it of ours) await it.close();
  telegram.stop();
  return manyFiles
    ? {
        title,
        rows,
        columns: ['wall', 'filesPerSecond', 'speed', 'cpu', 'cpuPerFile', 'peak', 'postgres', 'emulator'],
        bars: ['filesPerSecond', 'cpuPerFile'],
      }
    : {
        title,
        rows,
        columns: ['wall', 'speed', 'cpu', 'cpuPerGiB', 'peak', 'postgres', 'emulatorPerGiB'],
        bars: ['speed', 'cpuPerGiB'],
      };
}

const postgres = await startPostgres();
try {
  const sections = [];
  for (const name of values.scenarios.split(',')) sections.push(await measure(scenarios[name]!, postgres));
  const facts = { 'flushes a second': flushesPerSecond(), ...sharesOfDownloads(ciphers) };
  publish({ bench: 'media', settings: values, facts, sections }, values);
} finally {
  await postgres.stop();
}
process.exit();
