/**
 * planner.ts: every tick derives from Postgres what is owed and tops the queues up to their bound.
 * Nothing is remembered that could not be derived again, but where the last look at the media ended.
 */
import type { Settings } from '@tgsync/shared/config';
import { type ChatRow, coverageOf, type Db, type MediaRef, owedMedia, wantedChatRows } from '@tgsync/shared/db';
import { mediaTitle, type Queues } from '@tgsync/shared/jobs';
import { mixFairly, planPages } from './plan-pages.js';
import { planSurveys } from './plan-surveys.js';

export interface PlannerDeps {
  db: Db;
  queues: Queues;
  settings: Settings;
}

/** What a tick found. */
export interface TickResult {
  /** Every wanted chat was surveyed since the planner began, and nothing is owed. */
  settled: boolean;
}

/** A queue is topped up when fewer jobs than this are left in it: dedupe keys make repetition harmless, not free. */
const lowWater = 250;

export class Planner {
  private nextSurvey = -Infinity;
  private surveysBegan: Date | undefined;
  private lastMedia: MediaRef | undefined;

  constructor(private readonly deps: PlannerDeps) {}

  /** `clock` counts milliseconds evenly; `now` is the database's time. */
  async tick(clock: number, now: Date): Promise<TickResult> {
    const chats = await wantedChatRows(this.deps.db);
    await this.planSurveys(chats, clock, now);
    const historyOwed = await this.planHistory(chats);
    const mediaOwed = await this.planMedia();
    const looked = chats.every((it) => (it.surveyedAt ?? 0) >= (this.surveysBegan ?? now) || isPostponed(it, now));
    return { settled: looked && !historyOwed && !mediaOwed };
  }

  private async planSurveys(chats: readonly ChatRow[], clock: number, now: Date): Promise<void> {
    const { queues, settings } = this.deps;
    if (clock < this.nextSurvey) return;
    await queues.enqueue(planSurveys(chats, now));
    this.surveysBegan ??= now;
    this.nextSurvey = clock + settings.syncInterval * 1000;
  }

  private async planHistory(chats: readonly ChatRow[]): Promise<boolean> {
    const { db, queues, settings } = this.deps;
    const readable = chats.filter((it) => it.state === 'ok');
    const covered = await coverageOf(
      db,
      readable.map((it) => it.id),
    );
    const room = await queues.room('history');
    const most = Math.max(room, 1);
    const plans = readable.map((it) => planPages(it, covered.get(it.id) ?? [], settings.messageLimit, most));
    const owed = plans.some((it) => it.length > 0);
    if (owed) await queues.enqueue(mixFairly(plans).slice(0, room));
    return owed;
  }

  private async planMedia(): Promise<boolean> {
    const { db, queues } = this.deps;
    const room = await queues.room('media');
    if (room < lowWater) return true;
    let found = await owedMedia(db, this.lastMedia, room);
    if (found.length < room && this.lastMedia)
      found = [...found, ...(await owedMedia(db, undefined, room - found.length))];
    await queues.enqueue(
      found.map((it) => ({ name: 'download-media', payload: it, title: mediaTitle(it.chatTitle, it) })),
    );
    this.lastMedia = found.length < room ? undefined : found.at(-1);
    return found.length > 0;
  }
}

function isPostponed(chat: ChatRow, now: Date): boolean {
  return chat.state === 'unreadable' && chat.retryAt !== null && chat.retryAt > now;
}
