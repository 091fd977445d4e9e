/** sources.ts: the boxes of an account, and what each of them waits for. */
import type { LiveState } from '../../db/live-state.js';
import { channelMarkedId } from '../../peer-id/index.js';
import type { Api } from '../wire/gramjs.js';
import { Box, type Step } from './box.js';
import { channelOf } from './containers.js';
import { usualPiece } from './differences.js';

/** Channels that may be asked at the same time, or again and again (core.telegram.org/api/updates). */
export const mostChannels = 10;

/** An update, and how many others came before it. */
export interface Arrived {
  told: Api.TypeUpdate;
  order: number;
}

/** Updates that wait for the difference of their box. */
const mostWaiting = 10_000;

export class Source {
  /** A difference is being taken: what comes meanwhile waits. */
  isAsking = false;
  private readonly waiting: Step<Arrived>[] = [];
  failures = 0;
  /** So many differences in a row left a gap. */
  fruitless = 0;
  /** After a failure: not asked before. */
  notBefore = 0;
  gapTimer: NodeJS.Timeout | undefined;
  /** Its updates are not pushed: it is asked again and again, next at this time. */
  pollAt: number | undefined;
  /** How far a survey saw it, when we were not there yet. */
  seenPts = 0;
  /** How many events are asked for at once: fewer around one that cannot be read. */
  most = usualPiece;
  /** The server said that it has more, or a survey did, which Postgres remembers. */
  isNamed = false;
  /** Its updates were pushed, at least once. */
  wasPushed = false;
  private isBehindAgain = false;

  constructor(readonly box: Box<Arrived>) {}

  get isPushed(): boolean {
    return this.wasPushed || this.pollAt === undefined;
  }

  /** Updates that have come are still to be applied. */
  get isHolding(): boolean {
    return this.box.hasGap || this.waiting.length > 0;
  }

  /** Something is missing, or may be. */
  get isIncomplete(): boolean {
    return this.isAsking || this.box.needsDifference || this.box.hasGap;
  }

  /** Something may have been missed. Of an answer that is under way nobody knows whether it tells. */
  markBehind(): void {
    if (this.isAsking) this.isBehindAgain = true;
    else this.box.markBehind();
  }

  /** Keeps an update until the difference that is being taken has come. If there are too many, another difference tells what they did. */
  keep(step: Step<Arrived>): void {
    if (this.waiting.length < mostWaiting) this.waiting.push(step);
    else {
      this.waiting.length = 0;
      this.isBehindAgain = true;
    }
  }

  /** A difference is asked for now: it tells everything up to now. */
  asked(): void {
    this.isBehindAgain = false;
  }

  /** The difference has been taken; returns what waited for it. */
  answered(): Step<Arrived>[] {
    this.isAsking = false;
    if (this.isBehindAgain) this.box.markBehind();
    this.isBehindAgain = false;
    return this.waiting.splice(0);
  }
}

export class Sources {
  readonly common: Source;
  readonly channels = new Map<bigint, Source>();
  /** Up to where channels were told that are not followed: some of them will be soon, from before that. */
  private readonly unfollowed = new Map<bigint, number>();
  /** Wanted chats that the account cannot reach. */
  strangers: ReadonlySet<bigint> = new Set();

  constructor(state: LiveState) {
    this.common = new Source(new Box(state.common.pts));
    this.follow(state);
  }

  /**
   * Channels come and go with config.json; one that a survey saw further than we are has updates that were not pushed. `isUpToDate`: no
   * pushed update waits its turn.
   */
  follow({ channels, strangers }: Pick<LiveState, 'channels' | 'strangers'>, isUpToDate = true): void {
    this.strangers = strangers;
    for (const [id, { pts, seenPts }] of channels) {
      let source = this.channels.get(id);
      const isNew = !source || (source.box.pts === undefined && !source.isAsking && pts !== null);
      if (!source || isNew) this.channels.set(id, (source = new Source(new Box(pts ?? undefined))));
      const told = Math.max(seenPts ?? 0, this.unfollowed.get(id) ?? 0);
      this.unfollowed.delete(id);
      const [before, now] = [source.seenPts, source.box.pts ?? 0];
      source.seenPts = told;
      if (told <= now || source.isAsking) continue;
      // What the survey saw may be on its way, or wait its turn; a difference would only show what became of it.
      if (!isNew && (before <= now || !isUpToDate)) continue;
      if (!isNew && !source.isNamed) source.pollAt ??= 0;
      source.isNamed = true;
      source.markBehind();
    }
    for (const id of this.channels.keys()) if (!channels.has(id)) this.channels.delete(id);
  }

  get areChannelsIncomplete(): boolean {
    return [...this.channels.values()].some((it) => it.isIncomplete);
  }

  /** These can be reached now. */
  forgetStrangers(ids: readonly bigint[]): void {
    const known = new Set(ids);
    this.strangers = new Set([...this.strangers].filter((it) => !known.has(it)));
  }

  /** The channel, if it is followed. `id`: without its mark. */
  channel(id: bigint | undefined): Source | undefined {
    return id === undefined ? undefined : this.channels.get(channelMarkedId(id));
  }

  /** The box of a chat, by its marked id. */
  ofChat(chatId: bigint): Source {
    return this.channels.get(chatId) ?? this.common;
  }

  /** The box of a channel's update; undefined: it is not followed, not yet perhaps. */
  of(update: Api.TypeUpdate): Source | undefined {
    const id = channelOf(update);
    const source = this.channel(id);
    const { pts } = update as { pts?: number };
    if (!source && id !== undefined && pts) {
      const marked = channelMarkedId(id);
      this.unfollowed.set(marked, Math.max(pts, this.unfollowed.get(marked) ?? 0));
    }
    return source;
  }

  /** Those that are not pushed and were asked longest ago. */
  polled(): Source[] {
    return [...this.channels.values()]
      .filter((it) => it.pollAt !== undefined && !it.isAsking)
      .toSorted((a, b) => a.pollAt! - b.pollAt!)
      .slice(0, mostChannels);
  }

  stop(): void {
    for (const it of [this.common, ...this.channels.values()]) clearTimeout(it.gapTimer);
  }
}
