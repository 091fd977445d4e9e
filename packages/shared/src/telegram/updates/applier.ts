/**
 * applier.ts: keeps an archive current: takes what Telegram pushes to an account, puts it in order box by box, asks for what is missing, and
 * applies it with the numbers up to which it was told. One process does it for an account, by the role `updates`. One task after the other
 * changes state here; calls run beside them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../app/index.js';
import { findChat } from '../../db/chats.js';
import {
  applyTold,
  type CommonState,
  noteHeard,
  type ChannelState,
  noteNotLive,
  readLiveState,
  recordTooLong,
  resetChannel,
  StaleStateError,
  type Told,
} from '../../db/live.js';
import type { Db } from '../../db/handle.js';
import type { MediaRef } from '../../db/messages.js';
import { holdRole, releaseRole, RoleLostError } from '../../db/role-lease.js';
import { RetryAfterError } from '../../errors/index.js';
import { channelMarkedId } from '../../peer-id/index.js';
import type { Account } from '../account/account.js';
import { getPeerDialogs, getUpdatesState } from '../read/peer-dialogs.js';
import { ChatUnreadableError, TelegramError } from '../wire/errors.js';
import { Api } from '../wire/gramjs.js';
import { Box, type Step } from './box.js';
import { classOf } from './classes.js';
import { Collector } from './collect.js';
import { channelOf, unpacked } from './containers.js';
import { channelDifference, commonDifference } from './differences.js';

export interface ApplierDeps {
  account: Account;
  db: Db;
  log: Logger;
  /** This process. */
  holder: string;
  /** Whether updates are to be applied now. */
  isOn: () => boolean;
  /** Called after media were recorded that wait for a download. */
  onMedia: (media: readonly MediaRef[]) => Promise<void>;
}

/** Who is silent for so long has lost the role; renewed three times as often. */
const ttlSeconds = 15;
const renewalMs = 5000;
/** How long a gap may fill by itself. */
const gapMs = 500;
/** Without any update for so long, something may be wrong with the connection. */
const silenceMs = 15 * 60_000;
/** More pushes than this wait for Postgres: they are dropped, and asked for later. */
const mostWaiting = 10_000;
/** Channels' differences at once, for an account. */
const mostAtOnce = 10;
const longestPauseMs = 64_000;

type Update = Api.TypeUpdate;

/** A box, and what it waits for. */
class Source {
  /** A difference is being taken: what comes meanwhile waits. */
  isAsking = false;
  /** Something was missed after the difference was asked for. */
  isBehindAgain = false;
  waiting: Step<Update>[] = [];
  failures = 0;
  notBefore = 0;
  gapTimer: NodeJS.Timeout | undefined;
  /** Its updates are not pushed: it is asked for them again and again, from this time on. */
  pollAt: number | undefined;
  constructor(readonly box: Box<Update>) {}

  markBehind(): void {
    if (this.isAsking) this.isBehindAgain = true;
    else this.box.markBehind();
  }
}

export class Applier {
  private readonly stopping = new AbortController();
  private readonly tasks: (() => Promise<void>)[] = [];
  private pushed: unknown[] = [];
  private wake: (() => void) | undefined;
  private running: Promise<void> | undefined;
  private fence: bigint | undefined;
  private state: CommonState = { pts: 0, qts: 0, date: 0, seq: 0 };
  private common = new Source(new Box<Update>(undefined));
  private channels = new Map<bigint, Source>();
  private heardAt = performance.now();

  constructor(private readonly deps: ApplierDeps) {}

  start(): void {
    this.deps.account.listen({
      onUpdate: (it) => this.onPush(it),
      onMissed: () => this.onMissed(),
    });
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    this.wake?.();
    await this.running;
    const { account, db, holder } = this.deps;
    if (this.fence !== undefined)
      await releaseRole(db, { accountId: account.selfId, role: 'updates' }, holder).catch(() => {}); // it expires by itself
  }

  private onPush(it: unknown): void {
    this.heardAt = performance.now();
    if (this.fence === undefined) return;
    if (this.pushed.length >= mostWaiting) {
      this.pushed = [];
      this.onMissed();
      return;
    }
    this.pushed.push(it);
    this.wake?.();
  }

  private onMissed(): void {
    this.common.markBehind();
    this.wake?.();
  }

  private enqueue(task: () => Promise<void>): void {
    this.tasks.push(task);
    this.wake?.();
  }

  /** Until it is closed. Whatever fails, everything is read from Postgres again, and asked for from there. */
  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      try {
        if (await this.begin()) {
          failures = 0;
          await this.work();
        }
      } catch (error) {
        if (signal.aborted) break;
        failures++;
        const reason = (error as Error).message;
        if (error instanceof RoleLostError || error instanceof StaleStateError)
          this.deps.log.info({ reason }, 'updates begin again');
        else this.deps.log.warn({ reason }, 'updates interrupted');
      }
      this.end();
      await sleep(pauseMs(failures), undefined, { signal }).catch(() => {});
    }
  }

  /** Takes the role and reads the state; false: not now. */
  private async begin(): Promise<boolean> {
    const { account, db, holder } = this.deps;
    if (!account.isHeld || !this.deps.isOn()) return false;
    const accountId = account.selfId;
    const state = await readLiveState(db, accountId);
    if (!state) return false; // the first survey records where it begins
    this.fence = await holdRole(db, { accountId, role: 'updates' }, holder, ttlSeconds);
    if (this.fence === undefined) return false;
    this.state = state.common;
    this.common = new Source(new Box<Update>(state.common.pts));
    this.common.box.markBehind();
    this.channels = new Map();
    this.follow(state.channels);
    await noteHeard(db, accountId);
    return true;
  }

  private end(): void {
    for (const it of [this.common, ...this.channels.values()]) clearTimeout(it.gapTimer);
    this.fence = undefined;
    this.pushed = [];
    this.tasks.length = 0;
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;
    let renewAt = performance.now() + renewalMs;
    while (!signal.aborted) {
      if (performance.now() >= renewAt) {
        await this.renew();
        renewAt = performance.now() + renewalMs;
      }
      const task = this.tasks.shift();
      if (task) await task();
      else if (this.pushed.length > 0) await this.applyPushed(this.pushed.splice(0, 100));
      this.askForMissing();
      if (this.tasks.length === 0 && this.pushed.length === 0)
        await this.rest(Math.min(renewAt, this.nextPoll()) - performance.now());
    }
  }

  private nextPoll(): number {
    return Math.min(...this.polled().map((it) => it.pollAt!), Infinity);
  }

  /** Until there is something to do, or for so long. */
  private async rest(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, Math.max(0, ms));
      if (this.tasks.length > 0 || this.pushed.length > 0 || this.stopping.signal.aborted) resolve();
    });
    clearTimeout(timer);
    this.wake = undefined;
  }

  private async renew(): Promise<void> {
    const { account, db, holder } = this.deps;
    const role = { accountId: account.selfId, role: 'updates' } as const;
    if (!this.deps.isOn()) await this.pause();
    if (!account.isHeld || !this.deps.isOn() || (await holdRole(db, role, holder, ttlSeconds)) !== this.fence)
      throw new RoleLostError(role);
    if (performance.now() - this.heardAt > silenceMs) {
      this.heardAt = performance.now();
      this.common.box.markBehind();
    }
    const state = await readLiveState(db, account.selfId);
    if (state) this.follow(state.channels);
  }

  /** Somebody has turned updates off. */
  private async pause(): Promise<void> {
    const { account, db, holder } = this.deps;
    await noteNotLive(db, account.selfId);
    await releaseRole(db, { accountId: account.selfId, role: 'updates' }, holder);
  }

  /** Channels come and go with config.json; one that a survey saw further than we are has updates that were not pushed. */
  private follow(channels: ReadonlyMap<bigint, ChannelState>): void {
    for (const [id, { pts, seenPts }] of channels) {
      const known = this.channels.get(id);
      if (!known) this.channels.set(id, new Source(new Box<Update>(pts ?? undefined)));
      else if ((seenPts ?? 0) > (known.box.pts ?? 0) && !known.isAsking) {
        known.pollAt ??= 0;
        known.markBehind();
      }
    }
    for (const id of this.channels.keys()) if (!channels.has(id)) this.channels.delete(id);
  }

  private async applyPushed(pushes: readonly unknown[]): Promise<void> {
    const { account } = this.deps;
    const change = this.change();
    for (const pushed of pushes) {
      const container = unpacked(pushed, account.selfId);
      if (container === 'difference') this.common.markBehind();
      if (container === undefined || container === 'difference') continue;
      change.collector.addPeers(container.users, container.chats);
      for (const update of container.updates) this.take(change, update);
      this.sequence(container);
    }
    await this.commit(change);
    await noteHeard(this.deps.db, account.selfId);
  }

  private sequence({ seqStart, seq, date }: { seqStart: number; seq: number; date: number | undefined }): void {
    if (seqStart === 0) return;
    if (seqStart === this.state.seq + 1)
      this.state = { ...this.state, seq, date: Math.max(this.state.date, date ?? 0) };
    // What is in no box is applied whenever it comes; that something else was missed is what counts.
    else if (seqStart > this.state.seq + 1) this.common.markBehind();
  }

  private take(change: Change, update: Update): void {
    const { pts = 0, ptsCount = 0 } = update as { pts?: number; ptsCount?: number };
    const step = { pts, count: ptsCount, update };
    switch (classOf(update.className)) {
      case 'common':
        this.offer(change, this.common, step);
        break;
      case 'channel': {
        const source = this.sourceOf(update);
        if (!source) break;
        source.pollAt = undefined;
        this.offer(change, source, step);
        break;
      }
      case 'control':
        if (update instanceof Api.UpdateChannelTooLong) this.sourceOf(update)?.markBehind();
        else this.common.markBehind();
        break;
      case 'sequenced':
        change.collector.add(update);
        break;
      default: // nothing that is kept
    }
  }

  private sourceOf(update: Update): Source | undefined {
    const id = channelOf(update);
    return id === undefined ? undefined : this.channels.get(channelMarkedId(id));
  }

  private offer(change: Change, source: Source, step: Step<Update>): void {
    if (source.isAsking) source.waiting.push(step);
    else for (const it of source.box.offer(step)) change.collector.add(it.update);
  }

  /** What a task changes: the boxes' numbers before it, to commit against. */
  private change(): Change {
    const channels = new Map([...this.channels].map(([id, { box }]) => [id, box.pts]));
    return {
      collector: new Collector(this.deps.account.selfId),
      state: this.state,
      pts: this.common.box.pts,
      channels,
    };
  }

  private async commit({ collector, state, pts, channels }: Change, more: Partial<Told> = {}): Promise<void> {
    const { account, db, onMedia } = this.deps;
    const to = { ...this.state, pts: this.common.box.pts! };
    this.state = to;
    const isMoved = pts !== to.pts || state.seq !== to.seq || state.qts !== to.qts || state.date !== to.date;
    const moved = [...channels].flatMap(([chatId, from]) => {
      const now = this.channels.get(chatId)?.box.pts;
      return now === undefined || now === from ? [] : [{ chatId, from: from ?? null, to: now }];
    });
    if (!isMoved && moved.length === 0 && collector.isEmpty) return;
    const media = await applyTold(db, {
      accountId: account.selfId,
      fence: this.fence!,
      ...collector.take(),
      channels: moved,
      ...(isMoved && { common: { from: pts!, to } }),
      ...more,
    });
    if (media.length > 0) await onMedia(media);
  }

  /** Begins whatever has to be asked: for boxes that are behind at once, for those with a gap if it does not fill. */
  private askForMissing(): void {
    const now = performance.now();
    const isDue = (it: Source) => !it.isAsking && it.box.needsDifference && it.notBefore <= now;
    if (isDue(this.common)) this.ask(this.common, () => this.askCommon());
    else this.watchGap(this.common);
    for (const source of this.polled().filter((it) => it.pollAt! <= now)) {
      source.markBehind();
      source.pollAt = now + longestPauseMs; // the answer says when it may be asked again
    }
    let asking = [...this.channels.values()].filter((it) => it.isAsking).length;
    for (const [id, source] of this.channels) {
      if (isDue(source) && asking < mostAtOnce) {
        asking++;
        this.ask(source, () => this.askChannel(id, source));
      } else this.watchGap(source);
    }
  }

  /** Those that are not pushed and were asked longest ago, no more than a client may keep open. */
  private polled(): Source[] {
    return [...this.channels.values()]
      .filter((it) => it.pollAt !== undefined && !it.isAsking)
      .toSorted((a, b) => a.pollAt! - b.pollAt!)
      .slice(0, mostAtOnce);
  }

  private watchGap(source: Source): void {
    if (!source.box.hasGap) {
      clearTimeout(source.gapTimer);
      source.gapTimer = undefined;
    } else if (!source.isAsking) {
      source.gapTimer ??= setTimeout(() => {
        source.gapTimer = undefined;
        if (source.box.hasGap) source.box.markBehind();
        this.wake?.();
      }, gapMs);
    }
  }

  /** Runs beside the tasks; a failure is tried again later, and keeps the box where it is. */
  private ask(source: Source, work: () => Promise<void>): void {
    source.isAsking = true;
    const { fence } = this;
    work().then(
      () => (source.failures = 0),
      (error: unknown) => {
        if (this.fence !== fence || this.stopping.signal.aborted) return;
        source.isAsking = false;
        source.failures++;
        const pause = error instanceof RetryAfterError ? error.delayMs : pauseMs(source.failures);
        source.notBefore = performance.now() + pause;
        setTimeout(() => this.wake?.(), pause).unref();
        this.deps.log.warn(
          { reason: (error as Error).message, retryInMs: pause },
          'missed updates could not be asked for',
        );
      },
    );
  }

  /** Runs a task in its turn, unless everything began again meanwhile. */
  private async inTurn(task: () => Promise<void>): Promise<void> {
    const { fence } = this;
    await new Promise<void>((resolve, reject) =>
      this.enqueue(async () => {
        if (this.fence !== fence) return reject(new Error('updates have begun again'));
        try {
          await task();
          resolve();
        } catch (error) {
          reject(error as Error);
          throw error;
        }
      }),
    );
  }

  private async askCommon(): Promise<void> {
    const { account, db } = this.deps;
    for (let isLast = false; !isLast;) {
      const piece = await commonDifference(account, this.state, this.stopping.signal).catch(async (error: unknown) => {
        if (!isForgotten(error)) throw error;
        return { kind: 'too-long', pts: (await getUpdatesState(account)).pts } as const;
      });
      await this.inTurn(async () => {
        if (piece.kind === 'too-long') {
          const to = { ...this.state, pts: piece.pts };
          await recordTooLong(db, account.selfId, this.fence!, to);
          this.state = to;
          this.common.box.moveTo(piece.pts);
          this.deps.log.warn('too much has happened since the last update; chats are surveyed again');
          return;
        }
        const change = this.change();
        if (piece.kind === 'nothing') {
          this.state = { ...this.state, seq: piece.seq, date: Math.max(this.state.date, piece.date) };
          isLast = true;
        } else {
          ({ isLast } = piece);
          this.state = piece.state;
          change.collector.join(piece.collected);
          for (const id of piece.behind) this.channels.get(channelMarkedId(id))?.markBehind();
          for (const it of piece.others) this.take(change, it);
        }
        this.finish(change, this.common, this.state.pts, isLast);
        await this.commit(change);
      });
    }
  }

  /** A piece was told: what waited continues it, or is asked for. */
  private finish(change: Change, source: Source, pts: number, isLast: boolean): void {
    for (const it of source.box.moveTo(pts)) change.collector.add(it.update);
    if (!isLast) return;
    source.isAsking = false;
    if (source.isBehindAgain) source.box.markBehind();
    source.isBehindAgain = false;
    for (const step of source.waiting.splice(0)) this.offer(change, source, step);
  }

  private async askChannel(id: bigint, source: Source): Promise<void> {
    const { account, db } = this.deps;
    const { signal } = this.stopping;
    const chat = await findChat(db, id);
    if (!chat) return void (source.isAsking = false);
    for (let isLast = false; !isLast;) {
      const { pts } = source.box;
      if (pts === undefined) return await this.resetChannel(id, source);
      const piece = await channelDifference(account, chat, pts, signal).catch((error: unknown) => {
        if (isForgotten(error)) return undefined;
        if (error instanceof ChatUnreadableError) throw new RetryAfterError(longestPauseMs, error.message);
        throw error;
      });
      if (!piece) return await this.resetChannel(id, source);
      await this.inTurn(async () => {
        const change = this.change();
        change.collector.join(piece.collected);
        if (piece.kind === 'too-long') change.collector.startAgain(id, { from: piece.from, to: piece.top });
        isLast = piece.kind === 'too-long' || piece.isLast;
        if (!isLast && piece.pts <= pts) throw new RetryAfterError(longestPauseMs, 'a difference did not move');
        if (piece.kind === 'changes' && source.pollAt !== undefined)
          source.pollAt = performance.now() + piece.timeoutMs;
        this.finish(change, source, piece.pts, isLast);
        await this.commit(change);
      });
    }
  }

  /** Nothing is known of what happened before: the channel's present numbers count. */
  private async resetChannel(id: bigint, source: Source): Promise<void> {
    const { account, db } = this.deps;
    const chat = await findChat(db, id);
    const { dialogs } = await getPeerDialogs(account, [chat!], this.stopping.signal);
    const pts = dialogs.find((it) => it.id === id)?.pts;
    if (!pts) throw new RetryAfterError(longestPauseMs, 'Telegram does not say up to where the channel is told');
    await this.inTurn(async () => {
      await resetChannel(db, account.selfId, this.fence!, id, pts);
      const change = this.change();
      change.channels.set(id, pts);
      this.finish(change, source, pts, true);
      await this.commit(change);
    });
  }
}

interface Change {
  collector: Collector;
  state: CommonState;
  pts: number | undefined;
  channels: Map<bigint, number | undefined>;
}

/** Telegram no longer knows what happened since then. */
function isForgotten(error: unknown): boolean {
  return error instanceof TelegramError && /^PERSISTENT_TIMESTAMP_(INVALID|EMPTY)$/.test(error.reason);
}

/** 1, 2, 4 … seconds, not at the same moment as others. */
function pauseMs(failures: number): number {
  const most = Math.min(longestPauseMs, 1000 * 2 ** Math.max(0, failures - 1));
  return most * (0.75 + Math.random() / 2);
}
