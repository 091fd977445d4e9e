/**
 * planner.ts: every tick derives from Postgres what is owed and tops the queues up to their bound. It remembers nothing that could not be
 * derived again, except where the last round through the media ended.
 */
import type { Logger } from '@tgsync/shared/app';
import type { Settings } from '@tgsync/shared/config';
import {
  applyRules,
  beginRounds,
  type ChatRow,
  chatsToAskAgain,
  chatsToDecide,
  chatsToRefresh,
  databaseTime,
  type Db,
  failUnreachable,
  type MediaCursor,
  owedMedia,
  isAskedAgainSoon,
  isRecheckDue,
  lookForMissingAgain,
  mediaToUnlink,
  mirrorDeletions,
  type RulesRound,
  selectorRows,
  type SelectorRow,
  settledOf,
  unprovenMedia,
  unsettledChatRows,
  urgentMedia,
  wakeDue,
  wantedChatRows,
  wantedIds,
} from '@tgsync/shared/db';
import type { Queues } from '@tgsync/shared/jobs';
import { deletionQuestion } from './deletion-question.js';
import { removeDroppedJobs } from './dropped-jobs.js';
import { planMedia, planUrgentMedia } from './plan-media.js';
import { planPages } from './plan-pages.js';
import { mixFairly } from './mix-fairly.js';
import { isResolved, planResolution } from './plan-resolution.js';
import { planSurveys } from './plan-surveys.js';

export interface PlannerDeps {
  db: Db;
  queues: Queues;
  settings: Settings;
  log: Logger;
  /** Gets the question about messages that are to be removed; undefined: there is none. */
  onQuestion?: (question: string | undefined) => void;
}

/** What a tick found. */
export interface TickResult {
  /** Since the planner started, Telegram said which chats are wanted and each was surveyed; and nothing is owed. */
  settled: boolean;
}

/** So many media that cannot wait are in a full queue at most, and again as many for each tick. */
const mostUrgent = 100;
/** After nothing has been owed for this long, saved files are checked against Telegram's hashes, a few every few seconds. */
const idleMs = 60_000;
const proofs = { every: 10_000, count: 10 };

/** How often it is checked which chats are to be rechecked. */
const roundsMs = 60_000;
/** How often missing messages are looked for again: those about which Telegram says nothing would be asked for all the time otherwise. */
const missingMs = 3_600_000;
/** A queue is topped up when fewer jobs than this are left in it: deduplication keys make repetition harmless, not free. */
const lowWater = 250;

/** Each looks at a thousand messages. */
const decisionsPerTick = 20;

export class Planner {
  private nextSurvey = -Infinity;
  private surveysBegan: Date | undefined;
  /** Chats that were wanted in the last tick. */
  private wanted: ReadonlySet<bigint> | undefined;
  private nextProof = Infinity;
  private nextRounds = -Infinity;
  private nextMissing = -Infinity;
  /**
   * Done once: media that become unreachable later are noticed when that happens, or follow from an edit of config.json and so from a
   * restart.
   */
  private lookedForUnreachable = false;
  /** How far the links of the chat whose rules changed were decided. */
  private decided: { chatId: bigint; next: RulesRound | null | undefined; taken: number; skipped: number } | undefined;
  private mediaCursors: MediaCursor[] = [];

  constructor(private readonly deps: PlannerDeps) {}

  /** `clock` is a monotonic clock in milliseconds. */
  async tick(clock: number): Promise<TickResult> {
    if (this.nextProof === Infinity) this.nextProof = clock + idleMs;
    // Read before the chats that follow from them.
    const selectors = await selectorRows(this.deps.db);
    const isSurveyDue = clock >= this.nextSurvey;
    const ids = await wantedIds(this.deps.db);
    const chats =
      isSurveyDue || !this.surveysBegan
        ? await wantedChatRows(this.deps.db)
        : await unsettledChatRows(this.deps.db, this.surveysBegan);
    // Read after the chats, so that something a chat is owed now is not mistaken for something due later.
    const now = await databaseTime(this.deps.db);
    if (isSurveyDue) await this.planSurveys(selectors, chats, clock, now);
    else await this.planSurveysAgain(chats, now);
    await this.dropJobs(ids);
    const historyOwed = await this.planHistory(chats);
    const againOwed = await this.planAgain();
    await this.planRechecks(clock);
    const removalsOwed = await this.planRemovals();
    const rulesOwed = await this.applyRules();
    await wakeDue(this.deps.db);
    const referencesOwed = await this.planReferences();
    const mediaOwed = await this.planMedia();
    const isOwed = rulesOwed || removalsOwed || historyOwed || againOwed || referencesOwed || mediaOwed;
    await this.planProofs(clock, isOwed);
    const isLooked = (it: ChatRow) =>
      (it.surveyedAt ?? 0) >= (this.surveysBegan ?? now) && !isDueAgain(it, now) && !it.changedAt;
    const resolved = selectors.every((it) => isResolved(it, this.surveysBegan ?? now, now));
    const looked = chats.every((it) => isLooked(it) || isPostponed(it, now));
    return { settled: resolved && looked && !isOwed };
  }

  private async planSurveys(
    selectors: readonly SelectorRow[],
    chats: readonly ChatRow[],
    clock: number,
    now: Date,
  ): Promise<void> {
    const { queues, settings } = this.deps;
    await queues.enqueue(planResolution(selectors));
    await queues.enqueue(planSurveys(chats, now));
    this.surveysBegan ??= now;
    this.nextSurvey = clock + settings.syncInterval * 1000;
  }

  /** Between two surveys of everything. */
  private async planSurveysAgain(chats: readonly ChatRow[], now: Date): Promise<void> {
    const due = chats.filter((it) => isDueAgain(it, now) || this.isNew(it) || isForgotten(it) || it.changedAt);
    await this.deps.queues.enqueue(planSurveys(due, now));
  }

  /** An answer of Telegram's about names and folders added it since the last tick. */
  private isNew({ id }: ChatRow): boolean {
    return this.wanted !== undefined && !this.wanted.has(id);
  }

  /** What is no longer wanted since the last tick needs no jobs. */
  private async dropJobs(ids: readonly bigint[]): Promise<void> {
    const now = new Set(ids);
    const isGone = [...(this.wanted ?? [])].some((id) => !now.has(id));
    if (isGone) await removeDroppedJobs(this.deps);
    this.wanted = now;
  }

  private async planHistory(chats: readonly ChatRow[]): Promise<boolean> {
    const { db, queues, settings } = this.deps;
    const readable = chats.filter((it) => it.state === 'ok');
    if (readable.length === 0) return false;
    const covered = await settledOf(
      db,
      readable.map((it) => it.id),
    );
    const room = await queues.capacity('history');
    const most = Math.max(room, 1);
    const plans = readable.map((it) => planPages(it, covered.get(it.id) ?? [], settings.messageLimit, most));
    const owed = plans.some((it) => it.length > 0);
    if (owed) await queues.enqueue(mixFairly(plans).slice(0, room));
    return owed;
  }

  /** Links that earlier rules decided are decided again, some thousands a tick. */
  private async applyRules(): Promise<boolean> {
    const { db, log } = this.deps;
    const [chatId] = await chatsToDecide(db);
    if (chatId === undefined) return false;
    let counted = this.decided?.chatId === chatId ? this.decided : { chatId, taken: 0, skipped: 0, next: undefined };
    for (let calls = 0; calls < decisionsPerTick && counted.next !== null; calls++) {
      const { next, taken, skipped } = await applyRules(db, chatId, counted.next);
      counted = { chatId, next, taken: counted.taken + taken, skipped: counted.skipped + skipped };
    }
    this.decided = counted.next === null ? undefined : counted;
    const { taken, skipped } = counted;
    if (counted.next === null && taken + skipped > 0)
      log.info({ chat: chatId, wanted: taken, skipped }, 'media decided by the changed rules');
    return true;
  }

  /** Messages that were incomplete when they were stored. */
  private async planAgain(): Promise<boolean> {
    const chats = await chatsToAskAgain(this.deps.db);
    await this.deps.queues.enqueue(chats.map((chatId) => ({ name: 'ask-again', payload: { chatId } })));
    return await isAskedAgainSoon(this.deps.db);
  }

  /** They look for what is not known to be owed, so nobody waits for them. */
  private async planRechecks(clock: number): Promise<void> {
    const { db, queues } = this.deps;
    if (clock >= this.nextRounds) {
      await beginRounds(db);
      this.nextRounds = clock + roundsMs;
    }
    if (clock >= this.nextMissing) {
      await lookForMissingAgain(db);
      this.nextMissing = clock + missingMs;
    }
    if (await isRecheckDue(db)) await queues.enqueue([{ name: 'recheck', payload: {} }]);
  }

  /** Where deletions are mirrored, messages that were deleted in Telegram go, and then their links. */
  private async planRemovals(): Promise<boolean> {
    const { db, queues, log, onQuestion } = this.deps;
    const { removed, questions } = await mirrorDeletions(db);
    if (removed > 0) log.info({ removed }, 'messages deleted in Telegram removed');
    onQuestion?.(deletionQuestion(questions));
    const media = await mediaToUnlink(db, lowWater);
    await queues.enqueue(media.map((payload) => ({ name: 'remove-links', payload })));
    return media.length > 0;
  }

  private async planProofs(clock: number, isBusy: boolean): Promise<void> {
    const { db, queues, settings } = this.deps;
    if (isBusy || !settings.proveWhenIdle) this.nextProof = clock + idleMs;
    if (clock < this.nextProof) return;
    this.nextProof = clock + proofs.every;
    const found = await unprovenMedia(db, undefined, proofs.count);
    await queues.enqueue(
      found.map((payload) => ({ name: 'prove-media', payload, title: `compare ${payload.kind} ${payload.id}` })),
    );
  }

  /** File references that Telegram refused: one job per chat that may have new ones. */
  private async planReferences(): Promise<boolean> {
    if (!this.lookedForUnreachable) await failUnreachable(this.deps.db);
    this.lookedForUnreachable = true;
    const chats = await chatsToRefresh(this.deps.db);
    await this.deps.queues.enqueue(chats.map((chatId) => ({ name: 'refresh-references', payload: { chatId } })));
    return chats.length > 0;
  }

  private async planMedia(): Promise<boolean> {
    const { db, queues } = this.deps;
    await queues.enqueue(planUrgentMedia(await urgentMedia(db, mostUrgent)));
    const room = await queues.capacity('media');
    if (room < lowWater) return true;
    const plan = planMedia(await owedMedia(db, this.mediaCursors, room), room);
    await queues.enqueue(plan.jobs);
    this.mediaCursors = plan.cursors;
    return plan.isOwed;
  }
}

/** Too much has happened in it, so what the last survey found says nothing any more. */
function isForgotten({ state, surveyedAt }: ChatRow): boolean {
  return state === 'ok' && surveyedAt === null;
}

/** Its history could not be read; a survey finds out whether that is true. */
function isDueAgain(chat: ChatRow, now: Date): boolean {
  return chat.state === 'unreadable' && chat.retryAt !== null && chat.retryAt <= now;
}

function isPostponed(chat: ChatRow, now: Date): boolean {
  return chat.state === 'unreadable' && chat.retryAt !== null && chat.retryAt > now && !chat.changedAt;
}
