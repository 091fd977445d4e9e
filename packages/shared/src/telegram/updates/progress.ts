/**
 * progress.ts: how far an account's updates were applied, here and in Postgres. A change takes updates in and is committed together with the
 * numbers that the boxes have then.
 */
import { applyTold, type CommonState, type LiveState, type Waiting } from '../../db/live.js';
import type { Db } from '../../db/handle.js';
import type { Account } from '../account/account.js';
import { Api } from '../wire/gramjs.js';
import type { Step } from './box.js';
import { classOf } from './classes.js';
import { Collector } from './collect.js';
import type { Unpacked } from './containers.js';
import { type Source, Sources } from './sources.js';

export interface ProgressDeps {
  account: Account;
  db: Db;
  /** Called after media were recorded that wait for a download. */
  onMedia: (waiting: Waiting) => Promise<void>;
}

/** A channel's pts falls by so much only if the server lost its count. */
const serverReset = 100_000;

/** What is collected, and the numbers before it. */
export interface Change {
  collector: Collector;
  state: CommonState;
  channels: Map<bigint, number | undefined>;
}

export class Progress {
  readonly sources: Sources;
  /** The server began to count the account's updates anew. */
  isCommonForgotten = false;
  /** As in Postgres, except that its pts follows the box at each commit. */
  state: CommonState;

  constructor(
    private readonly deps: ProgressDeps,
    /** Of the role `updates`. */
    readonly fence: bigint,
    live: LiveState,
  ) {
    this.sources = new Sources(live);
    this.state = live.common;
  }

  begin(): Change {
    const channels = new Map([...this.sources.channels].map(([id, { box }]) => [id, box.pts]));
    return { collector: new Collector(this.deps.account.selfId), state: this.state, channels };
  }

  /** Takes in everything that a container brings. */
  takeAll(change: Change, container: Unpacked): void {
    change.collector.addPeers(container.users, container.chats);
    for (const update of container.updates) this.take(change, update);
    this.sequence(container);
  }

  take(change: Change, update: Api.TypeUpdate): void {
    const { sources } = this;
    const { pts = 0, ptsCount = 0 } = update as { pts?: number; ptsCount?: number };
    const step = { pts, count: ptsCount, update };
    switch (classOf(update.className)) {
      case 'common':
        this.offer(change, sources.common, step);
        break;
      case 'channel': {
        const source = sources.of(update);
        if (!source) break; // nobody wants it
        source.pollAt = undefined;
        if ((source.box.pts ?? 0) - pts >= serverReset) source.box.forget();
        else this.offer(change, source, step);
        break;
      }
      case 'control':
        if (update instanceof Api.UpdatePtsChanged) this.isCommonForgotten = true;
        (update instanceof Api.UpdateChannelTooLong ? sources.of(update) : sources.common)?.markBehind();
        break;
      case 'sequenced':
        change.collector.add(update);
        break;
      default: // nothing that is kept
    }
  }

  /** A piece of a difference was told: what was held continues it; after the last piece, what waited is looked at again. */
  finish(change: Change, source: Source, pts: number, isLast: boolean): void {
    for (const it of source.box.moveTo(pts)) change.collector.add(it.update);
    if (isLast) for (const step of source.answered()) this.offer(change, source, step);
  }

  /** Everything takes effect, or nothing: then it throws. */
  async commit({ collector, state: before, channels }: Change): Promise<void> {
    const { account, db, onMedia } = this.deps;
    const to = { ...this.state, pts: this.sources.common.box.pts! };
    this.state = to;
    const isMoved = (['pts', 'qts', 'date', 'seq'] as const).some((it) => to[it] !== before[it]);
    const moved = [...channels].flatMap(([chatId, from]) => {
      const now = this.sources.channels.get(chatId)?.box.pts;
      return now === undefined || now === from ? [] : [{ chatId, from: from ?? null, to: now }];
    });
    if (!isMoved && moved.length === 0 && collector.isEmpty) return;
    const waiting = await applyTold(db, {
      accountId: account.selfId,
      fence: this.fence,
      ...collector.take(),
      channels: moved,
      ...(isMoved && { common: { from: before.pts, to } }),
    });
    for (const it of waiting) await onMedia(it);
  }

  private offer(change: Change, source: Source, step: Step<Api.TypeUpdate>): void {
    if (source.isAsking) source.waiting.push(step);
    else for (const it of source.box.offer(step)) change.collector.add(it.update);
  }

  /** What is in no box is applied whenever it comes; only that something else was missed counts. */
  private sequence({ seqStart, seq, date }: Unpacked): void {
    if (seqStart === 0) return;
    if (seqStart === this.state.seq + 1)
      this.state = { ...this.state, seq, date: Math.max(this.state.date, date ?? 0) };
    else if (seqStart > this.state.seq + 1) this.sources.common.markBehind();
  }
}
