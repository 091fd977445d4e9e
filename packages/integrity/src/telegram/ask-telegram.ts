/**
 * ask-telegram.ts: surveys every wanted chat now. The running fleet is asked through a job; if nobody holds the account, the survey
 * runs here, under the same lease. Chats that cannot be surveyed are reported with the reason.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@tgsync/shared/app';
import type { Config, Environment } from '@tgsync/shared/config';
import { archiveId, databaseTime, type Db, unsurveyedSince } from '@tgsync/shared/db';
import { openQueues, type PlannedJob, type Queues, surveyTitle } from '@tgsync/shared/jobs';
import { loginNeeded } from '@tgsync/shared/fleet';
import { surveyor } from '@tgsync/shared/survey';
import { Account } from '@tgsync/shared/telegram';
import type { OnProgress } from './progress.js';

const log = createLogger('cli', 'silent');

export interface Asking {
  env: Environment;
  config: Config;
  db: Db;
  signal: AbortSignal;
  /** Gives up when no chat was surveyed for this many milliseconds. */
  patienceMs: number;
  onProgress: OnProgress;
}

const pollMs = 300;
/** A job that was planned before ours is deduplicated with it. */
const againMs = 5000;
const batch = 100;

/** Returns undefined once every wanted chat was surveyed; otherwise why not. */
export async function askTelegram(asking: Asking): Promise<string | undefined> {
  const { db, config, env } = asking;
  const since = await databaseTime(db);
  const all = await unsurveyedSince(db, since);
  let left = all;
  if (all.length === 0) return undefined;
  const problem = await loginNeeded(db, config, env);
  if (problem) return problem;
  asking.onProgress(0, all.length);
  const fleet = new FleetQuestion(db, env);
  const account = new Account({ config, env, db, log });
  try {
    for (let heardAt = performance.now(); left.length > 0;) {
      if (performance.now() - heardAt > asking.patienceMs)
        return `no answer about ${left.length} of ${all.length} chats for ${Math.round(asking.patienceMs / 1000)} seconds`;
      if (await account.tryStart()) await askOurselves(asking, account, left);
      else await fleet.ask(left);
      await sleep(pollMs, undefined, { signal: asking.signal });
      const now = await unsurveyedSince(db, since);
      if (now.length < left.length) heardAt = performance.now();
      left = now;
      asking.onProgress(all.length - left.length, all.length);
    }
    return undefined;
  } catch (error) {
    if (asking.signal.aborted) throw error;
    return (error as Error).message;
  } finally {
    await fleet.close();
    await account.release();
  }
}

/** Asks whoever holds the account. Asks again after a while, as the queue is only an optimisation. */
class FleetQuestion {
  private queues: Queues | undefined;
  private askedAt = -Infinity;

  constructor(
    private readonly db: Db,
    private readonly env: Environment,
  ) {}

  async ask(chatIds: readonly bigint[]): Promise<void> {
    if (performance.now() - this.askedAt < againMs) return;
    this.askedAt = performance.now();
    const { redisUrl } = this.env;
    this.queues ??= await openQueues(
      { redisUrl, databaseUrl: this.db.databaseUrl, archive: await archiveId(this.db) },
      () => {},
    );
    await this.queues.enqueue(
      batches(chatIds).map((it): PlannedJob => {
        return { name: 'survey-chats', payload: { chatIds: it }, title: surveyTitle(it.length) };
      }),
    );
  }

  async close(): Promise<void> {
    await this.queues?.close();
  }
}

/** Acts as the fetch worker for a moment. */
async function askOurselves(
  { db, signal, patienceMs }: Asking,
  account: Account,
  chatIds: readonly bigint[],
): Promise<void> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const survey = surveyor({ account, db });
  for (const some of batches(chatIds)) await survey(some, { signal: enough, log });
}

function batches(ids: readonly bigint[]): bigint[][] {
  return Array.from({ length: Math.ceil(ids.length / batch) }, (_, index) =>
    ids.slice(index * batch, (index + 1) * batch),
  );
}
