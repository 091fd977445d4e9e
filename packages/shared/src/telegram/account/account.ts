/**
 * account.ts: the account, by one of its logins at a time: takes a login whose lease can be had, another one when it was lost, and
 * makes calls over it. Everything but upload.* goes this way. A flood wait is shared with all workers and comes back as a date.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from '../wire/gramjs.js';
import type { Logger } from '../../app/index.js';
import type { Config, Environment } from '../../config/index.js';
import { archiveId, claimForAccount, recordLogin } from '../../db/archive.js';
import { recordLayer } from '../../db/asked-again.js';
import type { Db } from '../../db/handle.js';
import { ConnectionLostError, PersonError, RetryAfterError } from '../../errors/index.js';
import { type Session, Sessions } from '../../session/index.js';
import type { CallOptions } from '../wire/connection.js';
import { KeyLostError, LoginLostError, NotHeldError } from '../wire/errors.js';
import { Hold } from './hold.js';
import { LeaseHolder } from './lease-holder.js';
import { FloodWaits, wholeAccount } from '../policy/flood-waits.js';
import { Places } from '../policy/places.js';
import { before, lost, meaning, type Policy, retried } from '../policy/policies.js';
import { layer, requireLayer } from '../wire/layer.js';
import { trustOnly } from '../wire/server-key.js';

export interface AccountDeps {
  config: Config;
  env: Environment;
  db: Db;
  log: Logger;
  /** Seconds, of now; default: config.json's as it was read. */
  leaseTtl?: () => number;
}

/** Where what is asked of the account goes, in a person's words. */
const place = 'Telegram';
/** Calls are repeated on a new connection this often: what we ask only reads. */
const tries = 3;
/** How long jobs wait before they look again whether there is a login, or whether we may use one. */
const loginNeededMs = 5000;
const standingByMs = 1000;
const pollMs = 1000;
const loginNeeded = 'login needed: run `tgsync login`';
const keyUnknown =
  "Telegram no longer knows this login's key. Run `tgsync login`; everything then continues where it left off.";

export class Account {
  private readonly sessions: Sessions;
  /** The login in use. */
  private hold: Hold | undefined;
  private accountId: bigint | undefined;
  /** Home keys of logins that Telegram ended; a session file that holds another one counts again. */
  private readonly deadKeys = new Map<string, string>();
  /** Takes a login, now and after each loss, until the end. */
  private taking: Promise<void> | undefined;
  private onHolding: (isHolding: boolean) => void = () => {};
  private readonly stopping = new AbortController();
  private readonly floodWaits: FloodWaits;
  private readonly places: Places;

  constructor(private readonly deps: AccountDeps) {
    const { config, env, log } = deps;
    requireLayer(config);
    this.sessions = new Sessions(config, env, (reason) =>
      log.error({ reason }, 'session file restored from its backup'),
    );
    this.floodWaits = new FloodWaits(deps.db);
    this.places = new Places(deps.db, log);
    if (config.tg.server) trustOnly(config.tg.server.public_key);
  }

  /** Waits for a login and for its lease: from then on calls can be made. */
  async start(): Promise<void> {
    this.taking ??= this.takeFirst();
    await this.taking;
  }

  /** Takes a lease that nobody holds now; false: a worker holds each. May be asked again. */
  async tryStart(): Promise<boolean> {
    if (this.hold?.isHeld) return true;
    const lease = this.newLease();
    const number = await lease.tryHold(this.usable(), () => void this.end(lease));
    if (number === undefined) return false;
    await this.take(lease, number);
    return true;
  }

  /** Waits for the lease of a login that the person ends, which its worker gives up and no other takes before the release. */
  async startToEnd(number: number): Promise<void> {
    const lease = this.newLease();
    try {
      await lease.holdToEnd(number, () => void this.end(lease), this.stopping.signal);
    } catch (error) {
      await lease.release().catch(() => {}); // it runs out by itself
      throw error;
    }
    await this.take(lease, number);
  }

  /** Tells whenever the right to use the account is lost and had again: jobs are better left to others meanwhile. */
  watch(onHolding: (isHolding: boolean) => void): void {
    this.onHolding = onHolding;
  }

  /** Why the person has to log in, if so. A worker that stands by is well. */
  get loginProblem(): string | undefined {
    if (this.usable().length > 0) return undefined;
    return this.sessions.problem ?? [...this.deadKeys.values()][0] ?? loginNeeded;
  }

  /** Whether a login is in use now. */
  get isHeld(): boolean {
    return this.hold?.isHeld ?? false;
  }

  get selfId(): bigint {
    return this.accountId!;
  }

  /** The login in use, for work that must not go over to another one on its way. Throws RetryAfterError while there is none. */
  held(): Hold {
    if (this.hold?.isHeld) return this.hold;
    throw new RetryAfterError(this.loginProblem ? loginNeededMs : standingByMs, this.loginProblem ?? 'standing by');
  }

  /** Calls a method of the home data centre, on the login that is in use then. */
  async call<R extends Api.AnyRequest>(request: R, options: CallOptions = {}): Promise<R['__response']> {
    return await this.callOn(() => this.held(), request, options);
  }

  /** The same on this login or not at all: RetryAfterError once its hold has ended. */
  async callBy<R extends Api.AnyRequest>(hold: Hold, request: R, options: CallOptions = {}): Promise<R['__response']> {
    const same = () => {
      if (hold.isHeld) return hold;
      throw new RetryAfterError(standingByMs, 'the login is no longer held');
    };
    return await this.callOn(same, request, options);
  }

  /** Ends the login in use at Telegram. */
  async logOut(): Promise<void> {
    await this.call(new Api.auth.LogOut());
  }

  async release(): Promise<void> {
    this.stopping.abort();
    await this.taking?.catch(() => {});
    await this.hold?.release();
  }

  private newLease(): LeaseHolder {
    const { db, config, log, leaseTtl = () => config.tg.lease_ttl } = this.deps;
    return new LeaseHolder(db, leaseTtl, log);
  }

  private async callOn<R extends Api.AnyRequest>(
    choose: () => Hold,
    request: R,
    options: CallOptions,
  ): Promise<R['__response']> {
    const method = request.className;
    let hold: Hold;
    const policies: Policy[] = [
      this.floodWaits.of(method, wholeAccount),
      this.places.of(place, this.probe),
      lost((error) => this.loginLost(hold, error instanceof LoginLostError ? error.message : keyUnknown)),
    ];
    await before(policies);
    const once = async () => {
      hold = choose();
      const connection = await hold.connected();
      return await connection.call(request, options);
    };
    const onRetry = ({ message }: Error) =>
      this.deps.log.debug({ method, reason: message }, 'retrying on a new connection');
    try {
      return await retried(once, { tries, isWorthIt: isOfConnection, onRetry, signal: options.signal });
    } catch (error) {
      throw await meaning(policies, error);
    }
  }

  /** Logins that Telegram did not end, as far as we know. */
  private usable(): number[] {
    return this.sessions.numbers.filter((number) => {
      const session = this.sessions.readIfGood(number);
      return session !== undefined && !this.deadKeys.has(homeKey(session));
    });
  }

  private async untilLoggedIn(): Promise<void> {
    for (let logged = false; this.usable().length === 0; logged = true) {
      if (!logged) {
        this.deps.log.warn({ reason: this.loginProblem }, 'waiting for a login');
        await archiveId(this.deps.db);
        await recordLogin(this.deps.db, this.loginProblem ?? null);
      }
      await sleep(pollMs, undefined, { signal: this.stopping.signal });
    }
  }

  /** What only the person can mend ends the start; a database that is away while it lasts does not. */
  private async takeFirst(): Promise<void> {
    for (const { signal } = this.stopping; ;) {
      try {
        return await this.takeUsable();
      } catch (error) {
        if (signal.aborted || error instanceof PersonError) throw error;
        this.deps.log.warn({ reason: (error as Error).message }, 'could not take the login; retrying');
        await sleep(pollMs, undefined, { signal });
      }
    }
  }

  private async takeUsable(): Promise<void> {
    await this.untilLoggedIn();
    const lease = this.newLease();
    const lost = () => {
      if (this.hold?.lease !== lease) return; // still being taken: that fails by itself
      void this.end(lease);
      this.taking = this.takeAgain();
    };
    const number = await lease.hold(() => this.usable(), lost, this.stopping.signal);
    await this.take(lease, number);
  }

  /** After a loss, until there is a login that can be held, or the end. */
  private async takeAgain(): Promise<void> {
    this.onHolding(false);
    for (const { signal } = this.stopping; !signal.aborted;) {
      try {
        await this.takeUsable();
        return this.onHolding(true);
      } catch (error) {
        if (signal.aborted) return;
        this.deps.log.error({ reason: (error as Error).message }, 'could not take the login; retrying');
        await sleep(loginNeededMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** The login whose lease was just taken is the one in use from now on, unless the lease is lost by then. */
  private async take(lease: LeaseHolder, number: number): Promise<void> {
    try {
      const session = this.sessions.read(number); // what another holder wrote meanwhile counts
      if (!session) throw new RetryAfterError(standingByMs, 'the login is gone');
      await claimForAccount(this.deps.db, BigInt(session.accountId));
      await recordLayer(this.deps.db, layer);
      const hold = new Hold({ ...this.deps, sessions: this.sessions }, number, session, lease);
      if (this.sessions.lacksSeal(number)) hold.save(session);
      hold.guard();
      this.accountId = BigInt(session.accountId);
      this.hold = hold;
    } catch (error) {
      await lease.release().catch(() => {}); // it runs out by itself
      throw error;
    }
  }

  /** The hold of this lease is over. A command that ends the login waits for the lease, which is ours to give back. */
  private async end(lease: LeaseHolder): Promise<void> {
    const { hold } = this;
    if (hold?.lease !== lease) return;
    this.hold = undefined;
    if (lease.wasRefused)
      await hold.release().catch(() => {}); // it runs out by itself
    else await hold.end();
  }

  /** Any question that costs nothing. */
  private readonly probe = async (): Promise<void> => {
    const connection = await this.held().connected();
    await connection.call(new Api.help.GetNearestDc());
  };

  /** Telegram ended this login: another one goes on, or the person has to log in. */
  private async loginLost(hold: Hold, why: string): Promise<never> {
    const { db, log } = this.deps;
    log.error({ login: hold.number, reason: why }, 'login lost');
    this.deadKeys.set(homeKey(hold.session), why);
    const others = this.usable().length > 0;
    if (!others) await recordLogin(db, why);
    await this.giveUp(hold);
    throw new RetryAfterError(others ? standingByMs : loginNeededMs, why);
  }

  /** Gives its lease back, and takes one again as soon as there is a login for it. */
  private async giveUp(hold: Hold): Promise<void> {
    if (this.hold !== hold) return; // another call has done it
    this.hold = undefined;
    this.taking = this.takeAgain();
    await hold.end();
    await hold.lease.release().catch(() => {}); // it runs out by itself
  }
}

/** Whether a new connection may mend it. */
function isOfConnection(error: unknown): boolean {
  return error instanceof KeyLostError || error instanceof ConnectionLostError || error instanceof NotHeldError;
}

function homeKey({ keys, homeDc }: Session): string {
  return keys[homeDc] ?? '';
}
