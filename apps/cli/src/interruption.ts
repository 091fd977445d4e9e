/**
 * interruption.ts: turns Ctrl-C, a closed terminal or a closed output pipe into an abort signal, for commands that have to clean up. A
 * second one ends the process at once.
 */
import { setMaxListeners } from 'node:events';

/** The signals that end a command. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function untilInterrupted(): { signal: AbortSignal; end(): void } {
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const stop = () => {
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
  };
  const onOutputError = ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') stopping.abort();
  };
  for (const name of endingSignals) process.on(name, stop);
  process.stdout.on('error', onOutputError);
  return {
    signal: stopping.signal,
    end() {
      for (const name of endingSignals) process.off(name, stop);
      process.stdout.off('error', onOutputError);
    },
  };
}
