/** interruption.ts: Ctrl-C as a signal, for a command that tidies up before it ends. A second one ends it at once. */
import { setMaxListeners } from 'node:events';

export function untilInterrupted(): { signal: AbortSignal; end(): void } {
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const stop = () => {
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
  };
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.on(name, stop);
  return {
    signal: stopping.signal,
    end() {
      for (const name of names) process.off(name, stop);
    },
  };
}
