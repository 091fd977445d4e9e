/**
 * simulate.ts: what would limit 1 to 64 media workers? A simulation with the costs that `workers` and `small` measured (simulate/recorded.ts):
 * files a second, what limits them, and how much of it is used.
 */
import { parseArgs } from 'node:util';
import { plantOf, type Site } from './simulate/costs.js';
import { type Outcome, simulate } from './simulate/model.js';
import { recorded } from './simulate/recorded.js';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '1,2,4,8,16,32,64' },
    /** Of each worker: `tg.concurrent_downloads`. */
    'in-flight': { type: 'string', default: '5' },
    /** Milliseconds until Telegram answers. */
    latency: { type: 'string', default: '60' },
    /** Cores of the machine with Postgres. */
    cores: { type: 'string', default: '2,4' },
    /** File connections of the account to a data centre: `download.max_connections`; and data centres that have files. */
    connections: { type: 'string', default: '8' },
    dcs: { type: 'string', default: '1,4' },
    json: { type: 'boolean', default: false },
  },
});
const numbers = (text: string) => text.split(',').map(Number);
const inFlight = Number(values['in-flight']);

interface Line {
  site: string;
  workers: number;
  filesPerSecond: number;
  limit: string;
}

function lineOf(site: string, workers: number, { jobsPerSecond, used, limit }: Outcome): Line {
  const most = [...used].toSorted((a, b) => b[1] - a[1])[0]!;
  const share = `${(most[1] * 100).toFixed(0)} % of ${most[0]}`;
  return { site, workers, filesPerSecond: jobsPerSecond, limit: limit ? share : `answers (${share})` };
}

const lines: Line[] = [];
for (const { workers, filesPerSecond, others } of recorded.curve) {
  const site: Site = { ...recorded.site, others };
  const outcome = simulate(plantOf(recorded.costsWith(workers), site, workers, recorded.inFlight));
  lines.push(lineOf(`as recorded: ${filesPerSecond} files/s`, workers, outcome));
}
/** Files of one part: a request each; a connection carries four at once (telegram/files/pool.ts). */
const callsPerConnection = 4;
for (const queue of ['Postgres', 'Redis'] as const)
  for (const cores of numbers(values.cores))
    for (const dcs of numbers(values.dcs))
      for (const workers of numbers(values.workers)) {
        const site: Site = {
          queue,
          cores,
          answerMs: Number(values.latency),
          requests: Number(values.connections) * callsPerConnection * dcs,
          isOneMachine: false,
          others: 0,
        };
        const name = `queues in ${queue}, Postgres on ${cores} cores, ${dcs} DC`;
        lines.push(lineOf(name, workers, simulate(plantOf(recorded.costs, site, workers, inFlight))));
      }

if (values.json) console.log(JSON.stringify(lines, null, 2));
else {
  console.log('| where | workers | files/s | limit |\n| --- | ---: | ---: | --- |');
  for (const it of lines) console.log(`| ${it.site} | ${it.workers} | ${it.filesPerSecond.toFixed(0)} | ${it.limit} |`);
}
