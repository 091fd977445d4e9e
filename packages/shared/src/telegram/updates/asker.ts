/**
 * asker.ts: asks for what is missing: for boxes that are behind at once, for those with a gap if it does not fill, and for channels whose
 * updates are not pushed again and again. Calls run beside each other; what they bring is applied in its turn.
 */
import type { Logger } from '../../app/index.js';
import { type ChatRow, findChat } from '../../db/chats.js';
import { recordSkipped, recordTooLong, resetChannel } from '../../db/live-state.js';
import { RetryAfterError } from '../../errors/index.js';
import type { Account } from '../account/account.js';
import { getPeerDialogs, getUpdatesState } from '../read/peer-dialogs.js';
import { ChatUnreadableError, TelegramError } from '../wire/errors.js';
import { channelDifference, commonDifference, smallestPiece, usualPiece } from './differences.js';
import type { Progress, ProgressDeps } from './progress.js';
import { mostChannels, type Source } from './sources.js';

export interface AskerDeps extends ProgressDeps {
  log: Logger;
  signal: AbortSignal;
  /** Runs a task after those before it; rejects if everything begins again instead. */
  inTurn: (task: () => Promise<void>) => Promise<void>;
  /** There is something to ask for. */
  wake: () => void;
}

/** How long a gap may fill by itself. */
const gapMs = 500;
/** So many differences may leave a gap, as updates go on coming meanwhile. */
const mostFruitless = 2;
export const longestPauseMs = 64_000;

export class Asker {
  constructor(
    private readonly deps: AskerDeps,
    private readonly progress: Progress,
  ) {}

  /** Begins whatever has to be asked now. */
  askForMissing(): void {
    const { common, channels } = this.progress.sources;
    const now = performance.now();
    for (const source of this.progress.sources.polled().filter((it) => it.pollAt! <= now)) {
      source.markBehind();
      source.pollAt = now + longestPauseMs; // the answer says when it may be asked again
    }
    const isDue = (it: Source) => !it.isAsking && it.box.needsDifference && it.notBefore <= now;
    if (isDue(common)) this.ask(common, () => this.askCommon());
    else this.watchGap(common);
    let asking = [...channels.values()].filter((it) => it.isAsking).length;
    for (const [id, source] of channels) {
      if (isDue(source) && asking < mostChannels) {
        asking++;
        this.ask(source, () => this.askChannel(id, source));
      } else this.watchGap(source);
    }
  }

  /** When the next channel is asked again that is not pushed. */
  get nextPollAt(): number {
    return Math.min(...this.progress.sources.polled().map((it) => it.pollAt!), Infinity);
  }

  private watchGap(source: Source): void {
    if (!this.hasGap(source)) {
      clearTimeout(source.gapTimer);
      source.gapTimer = undefined;
    } else if (!source.isAsking) {
      source.gapTimer ??= setTimeout(() => {
        source.gapTimer = undefined;
        if (this.hasGap(source)) source.markBehind();
        this.deps.wake();
      }, gapMs);
    }
  }

  /** Containers with a `seq` are missing as updates of the account's box are: the same difference tells them. */
  private hasGap(source: Source): boolean {
    return source.box.hasGap || (source === this.progress.sources.common && this.progress.sequence.hasGap);
  }

  /** A failure is tried again later, and keeps the box where it is. */
  private ask(source: Source, work: () => Promise<void>): void {
    const { log, signal, wake } = this.deps;
    source.isAsking = true;
    work().then(
      () => {
        source.failures = 0;
        this.giveUpHeld(source);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        source.isAsking = false;
        source.markBehind(); // pieces that came have moved it, and there are more
        source.failures++;
        const pause = error instanceof RetryAfterError ? error.delayMs : pauseMs(source.failures);
        source.notBefore = performance.now() + pause;
        setTimeout(wake, pause).unref();
        // What has a date, such as a flood wait or an outage, is told where it arises.
        log[error instanceof RetryAfterError ? 'debug' : 'warn'](
          { reason: (error as Error).message, retryInMs: Math.round(pause) },
          'could not ask for missed updates; retrying',
        );
      },
    );
  }

  /** Updates that no difference continues are not waited for for ever: the next difference tells them, or newer ones. */
  private giveUpHeld(source: Source): void {
    source.fruitless = this.hasGap(source) ? source.fruitless + 1 : 0;
    if (source.fruitless <= mostFruitless) return;
    const pause = pauseMs(source.fruitless - mostFruitless);
    source.box.dropHeld();
    if (source === this.progress.sources.common) this.progress.sequence.drop();
    source.markBehind();
    source.notBefore = performance.now() + pause;
    setTimeout(this.deps.wake, pause).unref();
    this.deps.log.warn(
      { retryInMs: Math.round(pause) },
      'updates came that do not continue what Telegram tells; asking again',
    );
  }

  private async askCommon(): Promise<void> {
    for (let startedAgain = 0; ;) {
      const came = await this.askCommonPiece();
      if (came === undefined) return;
      if (came === 'too-long' && ++startedAgain > mostFruitless)
        throw new Error('Telegram no longer knows the state that it has just told');
    }
  }

  /** Returns what came, undefined if it was the last. */
  private async askCommonPiece(): Promise<'too-long' | 'unreadable' | 'changes' | undefined> {
    const { progress } = this;
    const { account, signal, inTurn } = this.deps;
    const { common } = progress.sources;
    const piece = progress.isCommonForgotten
      ? await this.fromNow()
      : await commonDifference(account, progress.state, common.most, { signal, onSend: () => common.asked() }).catch(
          async (error: unknown) => {
            if (!isForgotten(error)) throw error;
            return await this.fromNow();
          },
        );
    if (piece.kind === 'too-long') {
      await inTurn(() => this.startAgain(piece.pts));
      return piece.kind;
    }
    if (piece.kind === 'unreadable') {
      if (common.most === 1) await inTurn(() => this.skipEvent());
      common.most = common.most === 1 ? usualPiece : Math.ceil(common.most / 10);
      return piece.kind;
    }
    const cameAt = performance.now();
    await inTurn(async () => {
      const change = progress.begin(cameAt);
      if (piece.kind === 'nothing')
        progress.reach({ ...progress.state, seq: piece.seq, date: Math.max(progress.state.date, piece.date) });
      else {
        progress.reach(piece.state);
        progress.join(change, piece.collected);
        for (const id of piece.behind) progress.name(change, id);
        for (const it of piece.others) progress.take(change, it);
      }
      progress.finish(change, common, progress.state.pts, piece.kind === 'nothing' || piece.isLast);
      await progress.commit(change);
    });
    if (piece.kind === 'nothing' || piece.isLast) common.most = usualPiece;
    return piece.kind === 'changes' && !piece.isLast ? piece.kind : undefined;
  }

  private async fromNow() {
    return { kind: 'too-long', pts: (await getUpdatesState(this.deps.account)).pts } as const;
  }

  /** The history shows the message, if it is one, as it does those that this version cannot read. */
  private async skipEvent(): Promise<void> {
    const { progress } = this;
    const { account, db, log } = this.deps;
    const to = { ...progress.state, pts: progress.state.pts + 1 };
    await recordSkipped(db, account.selfId, progress.fence, to);
    progress.startFrom(to);
    log.warn('an update cannot be read by this version; private chats and groups are surveyed again');
  }

  private async startAgain(pts: number): Promise<void> {
    const { progress } = this;
    const { account, db, log } = this.deps;
    const to = { ...progress.state, pts };
    await recordTooLong(db, account.selfId, progress.fence, to);
    progress.startFrom(to);
    progress.isCommonForgotten = false;
    log.warn('too much has happened since the last update; private chats and groups are surveyed again');
  }

  private async askChannel(id: bigint, source: Source): Promise<void> {
    const chat = await findChat(this.deps.db, id);
    if (!chat) return void (source.isAsking = false);
    if (chat.pts !== null) source.box.beginAt(chat.pts);
    while (await this.askChannelPiece(chat, source));
  }

  /** Returns whether there is more. */
  private async askChannelPiece(chat: ChatRow, source: Source): Promise<boolean> {
    const { progress } = this;
    const { account, signal, inTurn } = this.deps;
    const { pts } = source.box;
    const piece =
      pts === undefined
        ? undefined
        : await channelDifference(account, chat, pts, source.most, { signal, onSend: () => source.asked() }).catch(
            (error: unknown) => {
              if (isForgotten(error)) return undefined;
              // The next survey finds out why.
              if (error instanceof ChatUnreadableError) throw new RetryAfterError(longestPauseMs, error.message);
              throw error;
            },
          );
    if (!piece) {
      await this.resetChannel(chat, source);
      return false;
    }
    if (piece.kind === 'unreadable') return await this.withoutUnreadable(chat, source, piece.pts);
    if (piece.kind === 'changes' && piece.foreign.length > 0)
      this.deps.log.warn(
        { chat: chat.id, dropped: piece.foreign },
        'missed updates of a channel came with some of another chat; dropped',
      );
    const isLast = piece.kind === 'too-long' || piece.isLast;
    if (!isLast && piece.pts <= pts!) throw this.useless(chat, 'the difference of a channel stands still');
    const cameAt = performance.now();
    await inTurn(async () => {
      const change = progress.begin(cameAt);
      progress.join(change, piece.collected);
      if (piece.kind === 'too-long') change.collector.startAgain(chat.id, { from: piece.from, to: piece.top });
      else if (source.pollAt !== undefined) source.pollAt = performance.now() + piece.timeoutMs;
      progress.finish(change, source, piece.pts, isLast);
      if (isLast) progress.catchUp(change, chat.id, source);
      await progress.commit(change);
    });
    if (isLast) source.most = usualPiece;
    return !isLast;
  }

  /** Fewer events at once, so that little has to be read again; those few are passed over. */
  private async withoutUnreadable(chat: ChatRow, source: Source, until: number | undefined): Promise<boolean> {
    if (source.most > smallestPiece) {
      source.most = smallestPiece;
      return true;
    }
    source.most = usualPiece;
    const warning = 'updates of a channel cannot be read by this version; what they may have told is read again';
    this.deps.log.warn({ chat: chat.id }, warning);
    await this.resetChannel(chat, source, until);
    source.markBehind();
    return false;
  }

  /** Asking again at once would not help. */
  private useless({ id }: ChatRow, reason: string): RetryAfterError {
    this.deps.log.warn({ chat: id, reason }, 'an answer about missed updates is of no use');
    return new RetryAfterError(longestPauseMs, reason);
  }

  /** Nothing is known of what happened before: the channel's present numbers count, or those of an answer. */
  private async resetChannel(chat: ChatRow, source: Source, until?: number): Promise<void> {
    const { progress } = this;
    const { account, db, signal, inTurn } = this.deps;
    const pts = until ?? (await presentPts(account, chat, signal));
    if (!pts) throw this.useless(chat, 'Telegram does not say up to where a channel is told');
    await inTurn(async () => {
      await resetChannel(db, account.selfId, progress.fence, chat.id, pts);
      const change = progress.begin();
      change.channels.set(chat.id, pts);
      progress.finish(change, source, pts, true);
      await progress.commit(change);
    });
  }
}

async function presentPts(account: Account, chat: ChatRow, signal: AbortSignal): Promise<number | undefined> {
  const { dialogs } = await getPeerDialogs(account, [chat], signal);
  return dialogs.find((it) => it.id === chat.id)?.pts ?? undefined;
}

/** Telegram no longer knows what happened since then. */
function isForgotten(error: unknown): boolean {
  return error instanceof TelegramError && /^PERSISTENT_TIMESTAMP_(INVALID|EMPTY)$/.test(error.reason);
}

/** 1, 2, 4 … seconds, not at the same moment as others. */
export function pauseMs(failures: number): number {
  const most = Math.min(longestPauseMs, 1000 * 2 ** Math.max(0, failures - 1));
  return most * (0.75 + Math.random() / 2);
}
