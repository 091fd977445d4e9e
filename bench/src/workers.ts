/**
 * workers.ts: what do more workers bring on this machine? 1, 2 and 4 media workers and 1 and 2 fetch workers against the emulator, with the
 * CPU time of each kind of process, which says what limits them; `simulate` goes on from there.
 */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { flushesPerSecond } from './report/disk.js';
import type { Section } from './report/measures.js';
import { publish } from './report/publish.js';
import { alternate } from './report/rounds.js';
import { manyFetchWorkers, manyMediaWorkers } from './sides/many.js';
import { startPostgres } from './sides/postgres.js';
import type { QueueKind } from './sides/tgsync.js';
import type { FileSpec } from './world/spec.js';
import { startTelegram } from './world/telegram.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    scenarios: { type: 'string', default: 'small,small-60ms,large,history' },
    media: { type: 'string', default: '1,2,4' },
    fetch: { type: 'string', default: '1,2' },
    queue: { type: 'string', default: 'Postgres' },
    scale: { type: 'string', default: '100' },
    'in-flight': { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const scale = Number(values.scale) / 100;
const [KiB, MiB] = [2 ** 10, 2 ** 20];
const counts = (text: string) => text.split(',').map(Number);
const build = { name: 'tgsync', checkout: fileURLToPath(new URL('../../', import.meta.url)) };

const small = (count: number): FileSpec => ({
  count: Math.ceil(count * scale),
  min: 20 * KiB,
  max: 80 * KiB,
  dcs: [1, 2, 3, 4],
});
const large: FileSpec = { count: Math.ceil(100 * scale), min: 8 * MiB, max: 8 * MiB, dcs: [1, 2, 3, 4] };
const media: Record<string, { title: string; file: FileSpec; latencyMs: number }> = {
  small: { title: '2,000 files of 20 to 80 KiB', file: small(2000), latencyMs: 0 },
  'small-60ms': { title: '1,000 files of 20 to 80 KiB, 60 ms latency', file: small(1000), latencyMs: 60 },
  large: { title: '100 files of 8 MiB', file: large, latencyMs: 0 },
};
const shares = ['workers', 'postgres', 'emulator', 'scheduler', 'fetch', 'others'] as const;

const postgres = await startPostgres();

async function measure(name: string): Promise<Section> {
  const rounds = Number(values.rounds);
  const it = media[name];
  if (!it) {
    const messages = Math.ceil(40_000 * scale);
    const telegram = await startTelegram({ texts: messages, files: [] });
    const { sides, close } = await manyFetchWorkers({ telegram, postgres, build }, counts(values.fetch));
    const title = `${messages} messages`;
    const rows = await alternate(title, sides, rounds);
    close();
    telegram.stop();
    return { title, rows, columns: ['wall', 'messagesPerSecond', ...shares], bars: ['messagesPerSecond'] };
  }
  const telegram = await startTelegram({ texts: 0, files: [it.file] });
  const setting = {
    telegram,
    postgres,
    build,
    queue: values.queue as QueueKind,
    inFlight: Number(values['in-flight']),
    latencyMs: it.latencyMs,
  };
  const { sides, close } = await manyMediaWorkers(setting, counts(values.media));
  const rows = await alternate(it.title, sides, rounds);
  close();
  telegram.stop();
  return { title: it.title, rows, columns: ['wall', 'filesPerSecond', 'speed', ...shares], bars: ['filesPerSecond'] };
}

try {
  const sections = [];
  for (const name of values.scenarios.split(',')) sections.push(await measure(name));
  const facts = { cores: cpus().length, 'flushes a second': flushesPerSecond() };
  publish({ bench: 'workers', settings: values, facts, sections }, values);
} finally {
  await postgres.stop();
}
process.exit();
