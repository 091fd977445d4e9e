/**
 * applier.ts: keeps an archive current: applies what Telegram pushes to an account, and asks for what is missing. One process does it for an
 * account, by the role `updates`. One task after the other changes something; calls run beside them. Whatever fails, everything is read from
 * Postgres again, and asked for from there.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../app/index.js';
import { StaleStateError, storePolls } from '../../db/live.js';
import { noteHeard, noteLive, readLiveState } from '../../db/live-state.js';
import { holdRole, releaseRole, RoleLostError, type RoleOf } from '../../db/role-lease.js';
import { toldOfPoll } from '../map/poll.js';
import { Api } from '../wire/gramjs.js';
import { Asker, longestPauseMs, pauseMs } from './asker.js';
import { unpacked } from './containers.js';
import { Progress, type ProgressDeps } from './progress.js';
import { Silence } from './silence.js';

export interface ApplierDeps extends ProgressDeps {
  log: Logger;
  /** This process. */
  holder: string;
  /** Whether updates are to be applied now. */
  isOn: () => boolean;
  /** Called with the reason while nothing is pushed although something happens, with undefined otherwise. */
  onSilence: (reason: string | undefined) => void;
  /** Without any update for so long, something may be wrong with the connection. */
  silenceMs?: number;
  /** Seconds after which whoever is silent has lost the role; it is renewed three times as often. */
  leaseTtl: () => number;
}

const usualSilenceMs = 15 * 60_000;
/** What keeps being missed is still found, but late. */
const deaf = 'Telegram pushes no updates although something happens; it is asked for them every 15 minutes instead';
/** More pushes than this waiting for Postgres are dropped, and asked for later. */
const mostPushed = 10_000;
/** Pushes of one transaction. */
const batch = 100;

type Task = () => Promise<void>;

export class Applier {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  /** While we have the role. */
  private progress: Progress | undefined;
  private tasks: Task[] = [];
  private pushed: unknown[] = [];
  private wake: () => void = () => {};
  private readonly silence: Silence;
  private isCurrent = false;

  constructor(private readonly deps: ApplierDeps) {
    this.silence = new Silence(deps.silenceMs ?? usualSilenceMs, performance.now());
  }

  start(): void {
    this.deps.account.listen({ onUpdate: (it) => this.onPush(it), onMissed: () => this.onMissed() });
    this.running = this.run();
  }

  /** Gives the role back: another process goes on at once. */
  async close(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.running;
  }

  /** Updates that came as the answer to a call, which nobody else is told. Polls are in no order with others: they are stored at once. */
  async take(answer: unknown): Promise<void> {
    const { account, db, onUnstorable } = this.deps;
    const container = unpacked(answer, account.selfId);
    const updates = typeof container === 'object' ? container.updates : [];
    const polls = updates.flatMap((it) => (it instanceof Api.UpdateMessagePoll ? [toldOfPoll(it)] : []));
    if (polls.length > 0) await storePolls(db, polls, onUnstorable);
    const { progress } = this;
    const isAll = container !== 'difference' && polls.length === updates.length;
    if (!progress || isAll) return;
    this.tasks.push(() => this.apply(progress, [answer]));
    this.wake();
  }

  private onPush(it: unknown): void {
    this.silence.heard(performance.now());
    if (!this.progress) return;
    if (this.pushed.length < mostPushed) this.pushed.push(it);
    else {
      this.pushed = [];
      for (const source of this.progress.sources.channels.values()) source.markBehind();
      this.onMissed();
    }
    this.wake();
  }

  /** What is missed while the line is lost says nothing about who would have told it. */
  private onMissed(): void {
    this.silence.heard(performance.now());
    this.progress?.sources.common.markBehind();
    this.wake();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      const over = new AbortController();
      const beganAt = performance.now();
      const failed = await this.try(over).catch((error: unknown) => ({ error }));
      // What fails at once each time has to wait longer and longer.
      if (!failed || performance.now() - beganAt > longestPauseMs) failures = 0;
      if (failed) failures++;
      const pause = pauseMs(failures);
      if (failed) this.report(failed.error, pause);
      over.abort();
      await this.end();
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }

  private async try(over: AbortController): Promise<void> {
    const progress = await this.begin();
    if (progress) await this.work(progress, AbortSignal.any([this.stopping.signal, over.signal]));
  }

  private report(error: unknown, pause: number): void {
    if (this.stopping.signal.aborted) return;
    const reason = (error as Error).message;
    const isUsual = error instanceof RoleLostError || error instanceof StaleStateError;
    this.deps.log[isUsual ? 'info' : 'warn'](
      { reason, retryInMs: Math.round(pause) },
      'stopped applying updates; starting again from what is stored',
    );
  }

  /** Without the login there is nobody to ask; another process has it, or will. */
  private get mayWork(): boolean {
    return this.deps.account.isHeld && this.deps.isOn();
  }

  private get renewalMs(): number {
    return (this.deps.leaseTtl() / 3) * 1000;
  }

  private get role(): RoleOf {
    return { accountId: this.deps.account.selfId, role: 'updates' };
  }

  /** Takes the role and reads how far its last holder was; undefined: not now. */
  private async begin(): Promise<Progress | undefined> {
    const { account, db, holder, leaseTtl } = this.deps;
    if (!this.mayWork) return undefined;
    const fence = await holdRole(db, this.role, holder, leaseTtl());
    if (fence === undefined) return undefined;
    const state = await readLiveState(db, account.selfId);
    if (!state) return undefined; // the first survey records where it begins
    this.silence.heard(performance.now());
    this.progress = new Progress({ ...this.deps, isUpToDate: () => this.pushed.length === 0 }, fence, state);
    this.progress.sources.common.markBehind();
    return this.progress;
  }

  private async end(): Promise<void> {
    const { progress } = this;
    if (!progress) return;
    const { db, holder, isOn, onSilence } = this.deps;
    onSilence(undefined);
    progress.sources.stop();
    this.progress = undefined;
    this.isCurrent = false;
    this.pushed = [];
    this.tasks = [];
    try {
      if (!isOn()) await noteLive(db, this.role.accountId, false);
      await releaseRole(db, this.role, holder);
    } catch {
      // it expires by itself
    }
  }

  private async work(progress: Progress, signal: AbortSignal): Promise<void> {
    setMaxListeners(0, signal); // every call listens
    const deps = { ...this.deps, signal, inTurn: (it: Task) => this.inTurn(it, signal), wake: () => this.wake() };
    const asker = new Asker(deps, progress);
    for (let renewAt = performance.now() + this.renewalMs; this.mayWork && !signal.aborted;) {
      if (performance.now() >= renewAt) {
        await this.renew(progress);
        renewAt = performance.now() + this.renewalMs;
      }
      const task = this.tasks.shift();
      if (task) await task();
      else if (this.pushed.length > 0) await this.applyPushed(progress, this.pushed.splice(0, batch));
      if (progress.reactions.dueAt <= performance.now()) await progress.applyReactions();
      this.listen(progress);
      asker.askForMissing();
      await this.noteCurrent(progress);
      const nextAt = Math.min(renewAt, asker.nextPollAt, progress.reactions.dueAt, this.silence.dueAt);
      await this.rest(nextAt - performance.now());
    }
  }

  /** Asks what has happened if nobody tells, and reports whether something has. */
  private listen(progress: Progress): void {
    const { isDue, isDeaf } = this.silence.look(performance.now(), progress.foundAt);
    if (isDue) progress.sources.common.markBehind();
    this.deps.onSilence(isDeaf ? deaf : undefined);
  }

  /** What happened before it began is applied: from here on updates are applied as they come. */
  private async noteCurrent({ sources: { common } }: Progress): Promise<void> {
    if (this.isCurrent || common.isAsking || common.box.needsDifference) return;
    await noteLive(this.deps.db, this.role.accountId, true);
    this.isCurrent = true;
  }

  /** Until there is something to do, or for so long. */
  private async rest(ms: number): Promise<void> {
    if (this.tasks.length > 0 || this.pushed.length > 0 || this.stopping.signal.aborted || ms <= 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.wake = () => {};
  }

  /** The task's error is also that of the work: everything begins again. */
  private async inTurn(task: Task, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      this.tasks.push(async () => {
        await task();
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      this.wake();
    });
  }

  private async renew(progress: Progress): Promise<void> {
    const { account, db, holder, leaseTtl } = this.deps;
    if ((await holdRole(db, this.role, holder, leaseTtl())) !== progress.fence) throw new RoleLostError(this.role);
    const state = await readLiveState(db, account.selfId);
    if (state) progress.sources.follow(state, this.pushed.length === 0 && this.tasks.length === 0);
  }

  private async applyPushed(progress: Progress, pushes: readonly unknown[]): Promise<void> {
    await this.apply(progress, pushes);
    await noteHeard(this.deps.db, this.role.accountId);
  }

  private async apply(progress: Progress, pushes: readonly unknown[]): Promise<void> {
    const { account } = this.deps;
    const change = progress.begin();
    for (const pushed of pushes) {
      const container = unpacked(pushed, account.selfId);
      if (container === 'difference') progress.sources.common.markBehind();
      else if (container) progress.takeAll(change, container);
    }
    await progress.commit(change);
  }
}
