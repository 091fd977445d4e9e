/** keep-postgres.ts: an embedded Postgres that dies (out of memory, killed) is started again where the fleet knows it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgres } from '@tgsync/shared/embedded-postgres';

const pauseMs = 1000;

/** Ends when the signal is aborted; throws when Postgres cannot be started any more. */
export async function keepRunning(
  postgres: EmbeddedPostgres,
  signal: AbortSignal,
  say: (what: string) => void,
): Promise<void> {
  for (;;) {
    await postgres.untilDown(signal);
    if (signal.aborted) return;
    say('exited unexpectedly; restarting');
    await postgres.restart();
    await sleep(pauseMs, undefined, { ref: false }); // one that dies at once shall not keep the machine busy
  }
}
