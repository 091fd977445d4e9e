/** clock.ts: the database's clock, without asking for it each time, and what is older by it. */
import { databaseTime } from './chats.js';
import type { Db } from './handle.js';
import { Prisma } from './sql-text.js';

/** Clocks drift apart, by some milliseconds a minute at most. */
const measureAgainMs = 60_000;

export class DatabaseClock {
  private known: { time: number; at: number } | undefined;

  constructor(private readonly db: Db) {}

  /** A moment that has passed by the database's clock, as late as is known. */
  async now(): Promise<Date> {
    if (!this.known || performance.now() - this.known.at > measureAgainMs) {
      const time = (await databaseTime(this.db)).getTime();
      this.known = { time, at: performance.now() }; // after the answer: it was that late, or later
    }
    return new Date(this.known.time + Math.floor(performance.now() - this.known.at));
  }
}

/** SQL: nothing of the message is newer than an answer that was asked for at `at`. */
export const isOlder = (at: Date) =>
  Prisma.sql`(as_of IS NULL OR as_of <= ${at}) AND (told_as_of IS NULL OR told_as_of <= ${at})`;
