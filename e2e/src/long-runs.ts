/** long-runs.ts: runs by seeds, one after another, on each backend: their options, what they report, and their end by a signal. */

/** Options of every long run, as `parseArgs` takes them. */
export const longRunOptions = {
  seeds: { type: 'string', default: '10' },
  from: { type: 'string', default: '1' },
  backend: { type: 'string', default: 'both' },
  verbose: { type: 'boolean', default: false },
} as const;

type Values = Record<'seeds' | 'from' | 'backend', string> & { verbose: boolean };

export interface LongRun {
  seed: number;
  backend: 'postgres' | 'redis';
  /** Ends the run early; everything it started is still cleaned up. */
  signal: AbortSignal;
  say: (line: string) => void;
}

/** Makes the runs and exits. `run` returns in words how one ended, and throws if it failed. */
export async function longRuns(
  { seeds, from, backend, verbose }: Values,
  run: (it: LongRun) => Promise<string>,
): Promise<never> {
  const stopping = new AbortController();
  for (const it of ['SIGINT', 'SIGTERM'] as const) process.once(it, () => stopping.abort(new Error(`ended by ${it}`))); // a second signal ends it at once, without cleaning up
  const backends = (backend === 'both' ? ['redis', 'postgres'] : [backend]) as LongRun['backend'][];
  let [passed, failed] = [0, 0];
  runs: for (let seed = Number(from); seed < Number(from) + Number(seeds); seed++) {
    for (const on of backends) {
      const story: string[] = [];
      const tell = (line: string) => (verbose ? say(`  ${line}`) : void story.push(line));
      try {
        say(`seed ${seed} on ${on}: ${await run({ seed, backend: on, signal: stopping.signal, say: tell })}`);
        passed++;
      } catch (error) {
        if (stopping.signal.aborted) break runs;
        failed++;
        say(`seed ${seed} on ${on}: ${(error as Error).message}\n${story.map((it) => `  ${it}`).join('\n')}`);
      }
    }
  }
  say(`${passed} passed, ${failed} failed`);
  process.exit(stopping.signal.aborted ? 130 : failed > 0 ? 1 : 0);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
