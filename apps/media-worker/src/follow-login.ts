/** follow-login.ts: without a login nothing can be downloaded: told once when it goes, and once when it is there again. */
import type { Logger } from '@tgsync/shared/app';
import type { Config, Environment } from '@tgsync/shared/config';
import type { Db } from '@tgsync/shared/db';
import { loginNeeded } from '@tgsync/shared/fleet';

const lookMs = 1000;

/** Calls back with what the person has to do, or undefined, whenever that changes. Returns what ends it. */
export function followLogin(
  { db, config, env, log }: { db: Db; config: Config; env: Environment; log: Logger },
  onChange: (problem: string | undefined) => void,
): () => void {
  let last: string | undefined;
  let looking = false;
  const look = async (): Promise<void> => {
    const problem = await loginNeeded(db, config, env);
    if ((problem === undefined) !== (last === undefined)) {
      if (problem === undefined) log.info('logged in again: downloads go on');
      else log.warn(`downloads wait: ${problem}`);
      onChange(problem);
    }
    last = problem;
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look()
      .catch(() => {}) // the database is away: next time, then
      .finally(() => (looking = false));
  }, lookMs);
  return () => clearInterval(timer);
}
