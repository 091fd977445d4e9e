/**
 * account.ts: the account, through one of its logins at a time: takes a login whose lease is available, another one after losing it, and
 * makes calls over it. Everything but upload.* goes this way. A flood wait is shared with all workers and thrown as a date.
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
import { Hold, type Listener } from './hold.js';
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
  /** The current TTL in seconds; default: the one in config.json. */
  leaseTtl?: () => number;
}

/** What the account's calls go to, as named to people. */
const place = 'Telegram';
/** Calls are retried on a new connection this often: ours only read. */
const tries = 3;
/** Milliseconds until jobs check again whether there is a login, or whether we may use one. */
const loginNeededMs = 5000;
const standingByMs = 1000;
const pollMs = 1000;
const loginNeeded = 'login needed: run `tgsync login`';
const keyUnknown =
  "Telegram no longer knows this login's key. Run `tgsync login`; everything then continues where it left off.";

/** The account, through one login at a time. */
export class Account {
  private readonly sessions: Sessions;
  /** The login in use. */
  private hold: Hold | undefined;
  private accountId: bigint | undefined;
  /** Home keys of logins that Telegram ended; a session file with another key counts again. */
  private readonly deadKeys = new Map<string, string>();
  /** Takes a login, now and again after each loss. */
  private taking: Promise<void> | undefined;
  private onHolding: (isHolding: boolean) => void = () => {};
  private listener: Listener = { onUpdate: () => {}, onMissed: () => {} };
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

  /** Waits for a login and its lease; then calls can be made. Throws a PersonError for what only the person can fix. */
  async start(): Promise<void> {
    this.taking ??= this.takeFirst();
    await this.taking;
  }

  /** Takes a lease that nobody holds now; false: workers hold them all. May be called again. */
  async tryStart(): Promise<boolean> {
    if (this.hold?.isHeld) return true;
    const lease = this.newLease();
    const number = await lease.tryHold(this.usable(), () => void this.end(lease));
    if (number === undefined) return false;
    await this.take(lease, number);
    return true;
  }

  /** Waits for the lease of a login that the person is ending: its worker releases it, and no other takes it before our release. */
  async startToEnd(number: number): Promise<void> {
    const lease = this.newLease();
    try {
      await lease.holdToEnd(number, () => void this.end(lease), this.stopping.signal);
    } catch (error) {
      await lease.release().catch(() => {}); // it expires by itself
      throw error;
    }
    await this.take(lease, number);
  }

  /** Calls back whenever the account is lost or held again: meanwhile jobs are better left to other workers. */
  watch(onHolding: (isHolding: boolean) => void): void {
    this.onHolding = onHolding;
  }

  /** Tells everything that the server tells without being asked, over whichever login is held. Only one listener. */
  listen(listener: Listener): void {
    this.listener = listener;
  }

  /** Why the person has to log in, if so. Standing by is no problem. */
  get loginProblem(): string | undefined {
    if (this.usable().length > 0) return undefined;
    return this.sessions.problem ?? [...this.deadKeys.values()][0] ?? loginNeeded;
  }

  /** Whether a login is held now. */
  get isHeld(): boolean {
    return this.hold?.isHeld ?? false;
  }

  get selfId(): bigint {
    return this.accountId!;
  }

  /** The held login, for work that must not switch to another one midway. Throws RetryAfterError while there is none. */
  held(): Hold {
    if (this.hold?.isHeld) return this.hold;
    throw new RetryAfterError(this.loginProblem ? loginNeededMs : standingByMs, this.loginProblem ?? 'standing by');
  }

  /**
   * Calls a method in the home data centre over the login held at that time. Throws RetryAfterError for flood waits, outages and lost
   * logins, ChatUnreadableError for chats that cannot be read, and TelegramError for other refusals.
   */
  async call<R extends Api.AnyRequest>(request: R, options: CallOptions = {}): Promise<R['__response']> {
    return await this.callOn(() => this.held(), request, options);
  }

  /** Like `call`, but only over this login: RetryAfterError once its hold has ended. */
  async callBy<R extends Api.AnyRequest>(hold: Hold, request: R, options: CallOptions = {}): Promise<R['__response']> {
    const same = () => {
      if (hold.isHeld) return hold;
      throw new RetryAfterError(standingByMs, 'the login is no longer held');
    };
    return await this.callOn(same, request, options);
  }

  /** Logs the held login out at Telegram. */
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

  /** Logins that Telegram has not ended, as far as we know. */
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

  /** An error that only the person can fix ends the start; a database outage meanwhile does not. */
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
      if (this.hold?.lease !== lease) return; // still being taken, which fails by itself
      void this.end(lease);
      this.taking = this.takeAgain();
    };
    const number = await lease.hold(() => this.usable(), lost, this.stopping.signal);
    await this.take(lease, number);
  }

  /** After a loss, until a login can be held again or the process ends. */
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

  /** The login whose lease was just taken becomes the held one, unless the lease is lost by then. */
  private async take(lease: LeaseHolder, number: number): Promise<void> {
    try {
      const session = this.sessions.read(number); // re-read, as another holder may have changed it
      if (!session) throw new RetryAfterError(standingByMs, 'the login is gone');
      await claimForAccount(this.deps.db, BigInt(session.accountId), number);
      await recordLayer(this.deps.db, layer);
      const listener: Listener = {
        onUpdate: (it) => this.listener.onUpdate(it),
        onMissed: () => this.listener.onMissed(),
      };
      const hold = new Hold({ ...this.deps, sessions: this.sessions, listener }, number, session, lease);
      if (this.sessions.lacksSeal(number)) hold.save(session);
      hold.guard();
      this.accountId = BigInt(session.accountId);
      this.hold = hold;
    } catch (error) {
      await lease.release().catch(() => {}); // it expires by itself
      throw error;
    }
  }

  /** Ends the hold of this lease. A command that ends the login is waiting for us to release the lease. */
  private async end(lease: LeaseHolder): Promise<void> {
    const { hold } = this;
    if (hold?.lease !== lease) return;
    this.hold = undefined;
    if (lease.wasRefused)
      await hold.release().catch(() => {}); // it expires by itself
    else await hold.end();
  }

  /** Any cheap call. */
  private readonly probe = async (): Promise<void> => {
    const connection = await this.held().connected();
    await connection.call(new Api.help.GetNearestDc());
  };

  /** Telegram ended this login: switches to another one, or the person has to log in. */
  private async loginLost(hold: Hold, why: string): Promise<never> {
    const { db, log } = this.deps;
    log.error({ login: hold.number, reason: why }, 'login lost');
    this.deadKeys.set(homeKey(hold.session), why);
    const others = this.usable().length > 0;
    if (!others) await recordLogin(db, why);
    await this.giveUp(hold);
    throw new RetryAfterError(others ? standingByMs : loginNeededMs, why);
  }

  /** Releases its lease, and takes another as soon as there is a login for it. */
  private async giveUp(hold: Hold): Promise<void> {
    if (this.hold !== hold) return; // another call has done it already
    this.hold = undefined;
    this.taking = this.takeAgain();
    await hold.end();
    await hold.lease.release().catch(() => {}); // it expires by itself
  }
}

/** Whether a new connection may help. */
function isOfConnection(error: unknown): boolean {
  return error instanceof KeyLostError || error instanceof ConnectionLostError || error instanceof NotHeldError;
}

function homeKey({ keys, homeDc }: Session): string {
  return keys[homeDc] ?? '';
}
