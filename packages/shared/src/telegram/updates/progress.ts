/**
 * progress.ts: how far an account's updates were applied, here and in Postgres. A change takes updates in and is committed together with the
 * numbers that the boxes have then.
 */
import { applyTold } from '../../db/live.js';
import type { CommonState, LiveState } from '../../db/live-state.js';
import type { Waiting } from '../../db/messages.js';
import type { OnUnstorable } from '../../db/unstorable.js';
import type { Db } from '../../db/handle.js';
import type { ChatFacts } from '../../db/chats.js';
import type { Account } from '../account/account.js';
import { Api } from '../wire/gramjs.js';
import type { Step } from './box.js';
import { classOf } from './classes.js';
import { type Collected, Collector } from './collect.js';
import { channelOf, type Unpacked } from './containers.js';
import { Sequence } from './sequence.js';
import { type Arrived, type Source, Sources } from './sources.js';
import { WaitingReactions } from './waiting-reactions.js';
import { channelMarkedId, markedId } from '../../peer-id/index.js';

export interface ProgressDeps {
  account: Account;
  db: Db;
  /** Called after media were recorded that wait for a download. */
  onMedia: (waiting: Waiting) => void;
  /** Called for what Postgres refuses to store, after the rest was. */
  onUnstorable: OnUnstorable;
}

/** And of who applies them. */
interface Owner extends ProgressDeps {
  /** No pushed update waits its turn. */
  isUpToDate: () => boolean;
}

/** A channel's pts falls by so much only if the server lost its count. */
const serverReset = 100_000;

/** What is collected, and the numbers before it. */
export interface Change {
  collector: Collector;
  channels: Map<bigint, number | undefined>;
  /** Channels of which the server said that they have more, and those of which everything has come. */
  named: bigint[];
  caughtUp: bigint[];
  /** Of a difference: when it came, however late it is applied. */
  cameAt: number | undefined;
}

export class Progress {
  readonly sources: Sources;
  readonly reactions = new WaitingReactions();
  /** Of what is in no box. */
  readonly sequence = new Sequence();
  /** The server began to count the account's updates anew. */
  isCommonForgotten = false;
  /** Up to where updates were taken in; its pts follows the box at each commit. */
  state: CommonState;
  /** Updates that have come. */
  private arrived = 0;
  /** When the last difference came that moved a box whose updates are pushed. */
  foundAt = -Infinity;
  /** Up to where Postgres has them. */
  private stored: CommonState;
  /** The state before the first of the reactions that wait: if they are lost, they are told again from there. */
  private beforeWaiting: Pick<CommonState, 'seq' | 'date'> | undefined;

  constructor(
    private readonly deps: Owner,
    /** Of the role `updates`. */
    readonly fence: bigint,
    live: LiveState,
  ) {
    this.sources = new Sources(live);
    this.state = this.stored = live.common;
  }

  /** Postgres has this state. What is held goes on waiting: only a difference tells what comes next. */
  startFrom(state: CommonState): void {
    this.state = this.stored = state;
    this.sources.common.box.moveTo(state.pts, false);
  }

  /** A difference was told up to this state. */
  reach(state: CommonState): void {
    this.state = this.sequence.after(state);
  }

  /** `cameAt`: of a difference. */
  begin(cameAt?: number): Change {
    const channels = new Map([...this.sources.channels].map(([id, { box }]) => [id, box.pts]));
    return { collector: new Collector(this.deps.account.selfId), channels, named: [], caughtUp: [], cameAt };
  }

  /** Takes in everything that a container brings. */
  takeAll(change: Change, container: Unpacked): void {
    change.collector.addPeers(container.users, container.chats);
    const isMet = new Set(this.metIn(change).map((it) => it.id));
    for (const update of container.updates) {
      const chatId = chatOf(update);
      // Without the chat, only a difference tells who wrote there, and how to reach it.
      if (chatId !== undefined && this.sources.strangers.has(chatId) && !isMet.has(chatId))
        this.sources.common.markBehind();
      else this.take(change, update);
    }
    this.state = this.sequence.take(container, this.state);
  }

  take(change: Change, update: Api.TypeUpdate): void {
    const { sources } = this;
    const { pts = 0, ptsCount = 0 } = update as { pts?: number; ptsCount?: number };
    const step = { pts, count: ptsCount, update: { told: update, order: ++this.arrived } };
    switch (classOf(update.className)) {
      case 'common':
        this.offer(change, sources.common, step);
        break;
      case 'channel': {
        const source = sources.of(update);
        if (!source) break; // nobody wants it
        source.pollAt = undefined;
        source.wasPushed = true;
        if ((source.box.pts ?? 0) - pts >= serverReset) source.box.forget();
        else this.offer(change, source, step);
        break;
      }
      case 'control':
        if (update instanceof Api.UpdatePtsChanged) this.isCommonForgotten = true;
        if (update instanceof Api.UpdateChannelTooLong) this.name(change, sources.of(update) && channelOf(update));
        else sources.common.markBehind();
        break;
      case 'sequenced':
        if (update instanceof Api.UpdateMessageReactions) this.wait(update);
        else change.collector.add(update);
        break;
      default: // nothing that is kept
    }
  }

  /** The server says that a channel (without its mark) has more. It says so once, so that it is recorded with what else was told. */
  name(change: Change, channel: bigint | undefined): void {
    const source = this.sources.channel(channel);
    if (!source) return;
    source.markBehind();
    source.isNamed = true;
    change.named.push(channelMarkedId(channel!));
  }

  /** The last piece of a channel's difference has come. */
  catchUp(change: Change, chatId: bigint, source: Source): void {
    if (!source.isNamed || source.box.needsDifference) return;
    source.isNamed = false;
    change.caughtUp.push(chatId);
  }

  /** A piece of a difference was told: what was held continues it; after the last piece, what waited is looked at again. */
  finish(change: Change, source: Source, pts: number, isLast: boolean): void {
    for (const it of source.box.moveTo(pts, isLast)) this.apply(change, it.update);
    if (isLast) for (const step of source.answered()) this.offer(change, source, step);
  }

  /** Takes in what a difference brought. */
  join(change: Change, collected: Collected): void {
    change.collector.join(collected);
    for (const { chatId, messages } of collected.chats) for (const it of messages) this.reactions.forget(chatId, it.id);
  }

  /** Applies the reactions that wait. */
  async applyReactions(): Promise<void> {
    const change = this.begin();
    for (const { chatId, ...it } of this.reactions.take(this.mayBeUndone)) change.collector.addReactions(chatId, it);
    await this.commit(change);
  }

  /** Everything takes effect, or nothing: then it throws. */
  async commit(change: Change): Promise<void> {
    const { collector, channels, named, caughtUp } = change;
    const { account, db, onMedia, onUnstorable } = this.deps;
    const met = this.metIn(change);
    for (const it of met) collector.noteChanged(it.id);
    this.state = { ...this.state, pts: this.sources.common.box.pts! };
    if (this.reactions.isEmpty) this.beforeWaiting = undefined;
    const before = this.stored;
    // Which channels are behind is told from the date on: should this process be killed, the next one has to be told again.
    const isKnown = this.deps.isUpToDate() && !this.sources.areChannelsIncomplete;
    const since = isKnown ? {} : { date: before.date };
    const to = { ...this.state, ...since, ...this.beforeWaiting };
    const isMoved = (['pts', 'qts', 'date', 'seq'] as const).some((it) => to[it] !== before[it]);
    const moved = [...channels].flatMap(([chatId, from]) => {
      const now = this.sources.channels.get(chatId)?.box.pts;
      return now === undefined || now === from ? [] : [{ chatId, from: from ?? null, to: now }];
    });
    const isNothing = moved.length + named.length + caughtUp.length === 0 && collector.isEmpty;
    if (!isMoved && isNothing) return;
    const told = {
      accountId: account.selfId,
      fence: this.fence,
      ...collector.take(),
      met,
      channels: moved,
      named,
      caughtUp,
      ...(isMoved && { common: { from: before.pts, to } }),
    };
    const waiting = await applyTold(db, told, onUnstorable);
    const isTold = to.pts !== before.pts || moved.some((it) => this.sources.channels.get(it.chatId)?.isPushed);
    if (isTold) this.foundAt = change.cameAt ?? this.foundAt;
    this.stored = to;
    this.reactions.settle(this.mayBeUndone);
    if (met.length > 0) this.sources.forgetStrangers(met.map((it) => it.id));
    for (const it of waiting) onMedia(it);
  }

  /** Whether updates are held that say what was true before. */
  private readonly mayBeUndone = (chatId: bigint): boolean => this.sources.ofChat(chatId).isHolding;

  private offer(change: Change, source: Source, step: Step<Arrived>): void {
    if (source.isAsking) source.keep(step);
    else for (const it of source.box.offer(step)) this.apply(change, it.update);
  }

  private apply(change: Change, { told, order }: Arrived): void {
    change.collector.add(told);
    const chatId = chatOf(told);
    if (chatId === undefined) return;
    const id = BigInt((told as { message: { id: number } }).message.id);
    const later = this.reactions.overtook(chatId, id, order);
    change.collector.dropReactions(chatId, id);
    if (later) change.collector.addReactions(chatId, later);
  }

  /** Wanted chats that could not be reached before, and are given in full now. */
  private metIn({ collector }: Change): ChatFacts[] {
    const { strangers } = this.sources;
    if (strangers.size === 0) return [];
    return collector.fullPeers
      .filter((it) => strangers.has(it.id))
      .map(({ name, kind, ...it }) => ({ ...it, kind: kind as ChatFacts['kind'], title: name }));
  }

  private wait(update: Api.UpdateMessageReactions): void {
    const { seq, date } = this.state;
    this.beforeWaiting ??= { seq, date };
    this.reactions.note(update, performance.now(), this.arrived);
  }
}

/** The marked id of the chat of a message that an update brings. */
function chatOf(update: Api.TypeUpdate): bigint | undefined {
  const { message } = update as { message?: Api.TypeMessage };
  return typeof message === 'object' && message.peerId ? markedId(message.peerId) : undefined;
}
