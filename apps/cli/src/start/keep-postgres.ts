/** keep-postgres.ts: restarts an embedded Postgres that died (out of memory, killed) at the address that the fleet knows. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgres } from '@tgsync/shared/embedded-postgres';

const pauseMs = 1000;

/** Returns when the signal is aborted; throws when Postgres cannot be restarted. */
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
    await sleep(pauseMs, undefined, { ref: false }); // do not busy-loop on one that dies at once
  }
}
