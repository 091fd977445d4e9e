/** `npm run chaos -- [--seeds 100] [--from 1] [--backend redis|postgres|both] [--actions 40] [--processes]`: long runs, one seed after another. */
import { parseArgs } from 'node:util';
import { type ChaosOptions, runChaos } from './run.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    from: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'both' },
    actions: { type: 'string', default: '40' },
    messages: { type: 'string', default: '5000' },
    files: { type: 'string', default: '500' },
    processes: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);
const backends = (values.backend === 'both' ? ['redis', 'postgres'] : [values.backend]) as ChaosOptions['backend'][];
const stopping = new AbortController();
for (const it of ['SIGINT', 'SIGTERM'] as const) process.once(it, () => stopping.abort(new Error(`ended by ${it}`))); // a second signal ends it at once, without cleaning up
let [whole, broken] = [0, 0];
run: for (let seed = Number(values.from); seed < Number(values.from) + Number(values.seeds); seed++) {
  for (const backend of backends) {
    const story: string[] = [];
    try {
      const { failed, seconds } = await runChaos({
        seed,
        backend,
        messages: Number(values.messages),
        files: Number(values.files),
        actions: Number(values.actions),
        onlyProcesses: values.processes,
        patienceMs: 300_000,
        signal: stopping.signal,
        say: (line) => (values.verbose ? say(`  ${line}`) : void story.push(line)),
      });
      whole++;
      say(`seed ${seed} on ${backend}: complete after ${seconds} s${failed ? `, ${failed} media retried` : ''}`);
    } catch (error) {
      if (stopping.signal.aborted) break run;
      broken++;
      say(`seed ${seed} on ${backend}: ${(error as Error).message}\n${story.map((it) => `  ${it}`).join('\n')}`);
    }
  }
}
say(`${whole} passed, ${broken} failed`);
process.exit(stopping.signal.aborted ? 130 : broken > 0 ? 1 : 0);
