/** `npm run soak -- [--seeds 20] [--from 1] [--backend redis|postgres|both] [--events 10000] [--outages 20]`: long runs, one seed after another. */
import { parseArgs } from 'node:util';
import { longRunOptions, longRuns } from '../long-runs.js';
import { runSoak } from './run.js';

const { values } = parseArgs({
  options: {
    ...longRunOptions,
    events: { type: 'string', default: '10000' },
    outages: { type: 'string', default: '20' },
  },
});

await longRuns(values, async (run) => {
  const seconds = await runSoak({
    ...run,
    events: Number(values.events),
    outages: Number(values.outages),
    patienceMs: 120_000,
  });
  return `true after ${values.events} events, ${seconds} s`;
});
