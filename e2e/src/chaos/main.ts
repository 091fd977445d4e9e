/** `npm run chaos -- [--seeds 100] [--from 1] [--backend redis|postgres|both] [--actions 40] [--processes]`: long runs, one seed after another. */
import { parseArgs } from 'node:util';
import { longRunOptions, longRuns } from '../long-runs.js';
import { runChaos } from './run.js';

const { values } = parseArgs({
  options: {
    ...longRunOptions,
    actions: { type: 'string', default: '40' },
    messages: { type: 'string', default: '5000' },
    files: { type: 'string', default: '500' },
    processes: { type: 'boolean', default: false },
  },
});

await longRuns(values, async (run) => {
  const { failed, seconds } = await runChaos({
    ...run,
    messages: Number(values.messages),
    files: Number(values.files),
    actions: Number(values.actions),
    onlyProcesses: values.processes,
    patienceMs: 300_000,
  });
  return `complete after ${seconds} s${failed ? `, ${failed} media retried` : ''}`;
});
