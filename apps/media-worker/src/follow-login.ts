/** follow-login.ts: nothing can be downloaded without a login; logs once when it is lost and once when it is back. */
import type { Logger } from '@tgsync/shared/app';
import type { Config, Environment } from '@tgsync/shared/config';
import type { Db } from '@tgsync/shared/db';
import { loginNeeded } from '@tgsync/shared/fleet';

const pollMs = 1000;

/** Calls `onChange` with what the person has to do, or undefined, whenever that changes. Returns a function that stops it. */
export function followLogin(
  { db, config, env, log }: { db: Db; config: Config; env: Environment; log: Logger },
  onChange: (problem: string | undefined) => void,
): () => void {
  let last: string | undefined;
  let polling = false;
  const poll = async (): Promise<void> => {
    const problem = await loginNeeded(db, config, env);
    if ((problem === undefined) !== (last === undefined)) {
      if (problem === undefined) log.info('logged in again; downloads resumed');
      else log.warn({ reason: problem }, 'downloads paused');
      onChange(problem);
    }
    last = problem;
  };
  const timer = setInterval(() => {
    if (polling) return;
    polling = true;
    void poll()
      .catch(() => {}) // the database is unavailable: retried at the next poll
      .finally(() => (polling = false));
  }, pollMs);
  return () => clearInterval(timer);
}
