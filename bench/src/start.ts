/** start.ts: how long does a fleet take from its start until all processes run, and until the first file of a new archive is in its place? */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Sample } from './report/measures.js';
import { publish } from './report/publish.js';
import { alternate, type Side } from './report/rounds.js';
import { startPostgres, untilCount } from './sides/postgres.js';
import { openArchive, openRound, type QueueKind } from './sides/tgsync.js';
import { cpuOfFamily } from './usage.js';
import { startTelegram } from './world/telegram.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    queues: { type: 'string', default: 'Postgres,Redis' },
    json: { type: 'boolean', default: false },
  },
});
const build = { name: 'tgsync', checkout: fileURLToPath(new URL('../../', import.meta.url)) };
const apps = ['fetch-worker', 'media-worker', 'scheduler'] as const;

const postgres = await startPostgres();
const telegram = await startTelegram({ texts: 200, files: [{ count: 20, min: 1000, max: 20_000, dcs: [2] }] });
const archive = await openArchive(telegram, await postgres.database());

async function measure(queue: QueueKind): Promise<Sample> {
  const databaseUrl = await postgres.migrated();
  const round = await openRound(archive, databaseUrl, queue, build);
  const [began, before] = [performance.now(), postgres.cpu()];
  const pids = apps.map((app) => round.fleet.start(app).pid!);
  const passed = () => (performance.now() - began) / 1000;
  const started = apps.map((app) => round.fleet.until((it) => it.app === app && it.msg === 'started'));
  const ready = Promise.all(started).then(passed);
  await untilCount(databaseUrl, 'SELECT count(*) FROM document WHERE saved', 1);
  const sample = {
    firstFile: passed(),
    ready: await ready,
    cpu: pids.reduce((sum, it) => sum + cpuOfFamily(it), 0),
    postgres: postgres.cpu() - before,
  };
  await round.end();
  await postgres.drop(databaseUrl);
  return sample;
}

try {
  const sides: Side[] = values.queues
    .split(',')
    .map((it) => ({ name: `tgsync, queues in ${it}`, run: () => measure(it as QueueKind) }));
  const title = 'From the start of a fleet to the first file of a new archive';
  const rows = await alternate(title, sides, Number(values.rounds));
  const columns = [...(['ready', 'firstFile', 'cpu', 'postgres'] as const)];
  const sections = [{ title, rows, columns, bars: ['firstFile' as const] }];
  publish({ bench: 'start', settings: values, facts: {}, sections }, values);
} finally {
  archive.remove();
  telegram.stop();
  await postgres.stop();
}
process.exit();
