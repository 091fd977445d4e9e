/**
 * meanwhile.ts: what the scheduler does while config.json is invalid: it reports that, and plans with the last recorded settings. None of
 * this delays a valid config.json.
 */
import { type AppContext, Health, Scope, serveHealth } from '@tgsync/shared/app';
import { databaseUrlAnyway } from '@tgsync/shared/config';
import { ownPassword, passwordFile, readOwnPassword } from '@tgsync/shared/dashboard-access';
import { readSettings } from '@tgsync/shared/db';
import { openServices } from '@tgsync/shared/fleet';
import { Planner } from './planner.js';
import { startPlanning } from './planning.js';

export class Meanwhile {
  private problem = '';
  private readonly scope = new Scope();
  private readonly health = new Health();
  private serving: Promise<void> | undefined;
  /** Planning on the database that config.json names, as far as that can be determined. */
  private planning: { databaseUrl: string | undefined; end: () => Promise<void> } | undefined;
  private changing: Promise<void> = Promise.resolve();

  constructor(private readonly context: Pick<AppContext, 'env' | 'log' | 'finish'>) {
    this.health.watch('config', () => this.problem);
  }

  /** Called for each problem in turn: the last one counts, as does the database that the file names now. */
  planWithRecordedSettings(problem: string): void {
    this.problem = problem;
    const trouble = (error: unknown) =>
      this.context.log.warn({ err: error }, 'cannot continue with the last valid settings');
    this.serving ??= this.serve().catch(trouble);
    const databaseUrl = databaseUrlAnyway(this.context.env);
    this.changing = this.changing.then(() => this.planBy(databaseUrl)).catch(trouble);
  }

  async end(): Promise<void> {
    await this.serving;
    await this.changing;
    await this.planning?.end();
    await this.scope.close();
  }

  private async serve(): Promise<void> {
    const { env, log } = this.context;
    const host = env.dashboard?.host ?? '127.0.0.1';
    try {
      ownPassword(passwordFile(env)); // with the password, the person and the container's health check get the full sentence, not only a word
    } catch (error) {
      log.warn({ reason: (error as Error).message }, 'could not create a dashboard password');
    }
    const password = () => readOwnPassword(passwordFile(env));
    this.scope.use(await serveHealth(this.health, env.healthPort ?? 0, { host, password }), (it) => it.close());
  }

  private async planBy(databaseUrl: string | undefined): Promise<void> {
    if (this.planning && this.planning.databaseUrl === databaseUrl) return;
    await this.planning?.end();
    this.planning = { databaseUrl, end: databaseUrl === undefined ? async () => {} : this.plan(databaseUrl) };
  }

  /** Returns a function that stops it at any time: it may be waiting for a database that will never exist. */
  private plan(databaseUrl: string): () => Promise<void> {
    const { log } = this.context;
    const stopping = new AbortController();
    const scope = new Scope();
    const begin = async () => {
      const context = { ...this.context, health: this.health, signal: stopping.signal };
      const { db, queues } = await openServices(scope, databaseUrl, context, { migrate: true });
      const settings = await readSettings(db);
      if (!settings || stopping.signal.aborted) return;
      log.warn('continuing with the last valid settings');
      scope.use(startPlanning({ planner: new Planner({ db, queues, settings }), log }), (it) => it.stop());
    };
    const begun = begin().catch((error: unknown) => {
      if (!stopping.signal.aborted) log.warn({ err: error }, 'cannot continue with the last valid settings');
    });
    return async () => {
      stopping.abort();
      await begun;
      await scope.close();
    };
  }
}
