/**
 * ask-account.ts: has something asked of Telegram for a command. The running fleet is asked through jobs; if nobody holds the account, the
 * command acts itself, under the same lease. The answers are in Postgres.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger, type Logger } from '@tgsync/shared/app';
import type { Config, Environment } from '@tgsync/shared/config';
import { archiveId, type Db } from '@tgsync/shared/db';
import { loginNeeded } from '@tgsync/shared/fleet';
import { openQueues, type PlannedJob, type Queues } from '@tgsync/shared/jobs';
import { Account } from '@tgsync/shared/telegram';
import type { OnProgress } from './progress.js';

const log = createLogger('cli', 'silent');

export interface Asking {
  env: Environment;
  config: Config;
  db: Db;
  signal: AbortSignal;
  /** Gives up when nothing was answered for this many milliseconds. */
  patienceMs: number;
  onProgress: OnProgress;
}

/** What is asked. */
export interface Question<T> {
  all: readonly T[];
  /** Those that are not answered yet. */
  left: () => Promise<readonly T[]>;
  jobs: (left: readonly T[]) => PlannedJob[];
  /** Does what the jobs would do. */
  act: (account: Account, left: readonly T[], context: { signal: AbortSignal; log: Logger }) => Promise<void>;
}

const pollMs = 300;
/** A job that was planned before ours is deduplicated with it. */
const againMs = 5000;

/** Returns undefined once all is answered; otherwise why not. */
export async function askAccount<T>(
  asking: Asking,
  { all, left, jobs, act }: Question<T>,
): Promise<string | undefined> {
  const { db, config, env, signal, patienceMs } = asking;
  if (all.length === 0) return undefined;
  const problem = await loginNeeded(db, config, env);
  if (problem) return problem;
  asking.onProgress(0, all.length);
  const fleet = new Fleet(db, env);
  const account = new Account({ config, env, db, log });
  let waiting = all;
  try {
    for (let heardAt = performance.now(); waiting.length > 0;) {
      if (performance.now() - heardAt > patienceMs)
        return `no answer about ${waiting.length} of ${all.length} chats for ${Math.round(patienceMs / 1000)} seconds`;
      if (await account.tryStart()) {
        const enough = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
        await act(account, waiting, { signal: enough, log });
      } else await fleet.ask(jobs(waiting));
      await sleep(pollMs, undefined, { signal });
      const now = await left();
      if (now.length < waiting.length) heardAt = performance.now();
      waiting = now;
      asking.onProgress(all.length - waiting.length, all.length);
    }
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return (error as Error).message;
  } finally {
    await fleet.close();
    await account.release();
  }
}

/** Asks whoever holds the account. Asks again after a while, as the queue is only an optimisation. */
class Fleet {
  private queues: Queues | undefined;
  private askedAt = -Infinity;

  constructor(
    private readonly db: Db,
    private readonly env: Environment,
  ) {}

  async ask(jobs: readonly PlannedJob[]): Promise<void> {
    if (performance.now() - this.askedAt < againMs) return;
    this.askedAt = performance.now();
    const { redisUrl } = this.env;
    this.queues ??= await openQueues(
      { redisUrl, databaseUrl: this.db.databaseUrl, archive: await archiveId(this.db) },
      () => {},
    );
    await this.queues.enqueue(jobs);
  }

  async close(): Promise<void> {
    await this.queues?.close();
  }
}
