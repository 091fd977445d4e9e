/**
 * places.ts: an outage does not count as anybody's failure. When a call suggests that a place is down (a data centre, or the connection
 * to it), a probe decides. If Telegram answers the probe, whatever the answer, the error is the call's own. Otherwise the place is
 * unreachable: that is logged once, and everything that needs it waits, in the whole fleet, until a probe succeeds. Pauses between
 * probes grow.
 */
import type { Logger } from '../../app/index.js';
import {
  type AwayPlace,
  awayPlace,
  noteProbeFailed,
  notePlaceAway,
  notePlaceBack,
  takeProbe,
} from '../../db/places.js';
import type { Db } from '../../db/handle.js';
import { ConnectionLostError, PlaceAwayError } from '../../errors/index.js';
import { TelegramError } from '../wire/errors.js';
import type { Policy } from './policies.js';

/** Longer than any probe takes. */
const probeSeconds = 90;
/** How long an answer of the database is reused. */
const freshMs = 1000;

/** Makes any call to the place, and throws what a call would. */
type Probe = () => Promise<unknown>;

export class Places {
  private readonly recent = new Map<string, { at: number; away: AwayPlace | undefined }>();
  private readonly probing = new Map<string, Promise<unknown>>();

  constructor(
    private readonly db: Db,
    private readonly log: Logger,
  ) {}

  of(place: string, probe: Probe): Policy {
    return { before: () => this.before(place, probe), meaning: (error) => this.meaning(place, error, probe) };
  }

  /** Throws a {@link PlaceAwayError} while the place is unreachable. Runs the probe if one is due. */
  async before(place: string, probe: Probe): Promise<void> {
    const away = await this.awayPlace(place);
    if (!away) return;
    if (away.waitMs > 0 || !(await takeProbe(this.db, place, probeSeconds))) throw awayError(away);
    const failure = await this.ask(place, probe);
    if (failure === undefined) return await this.back(place);
    const still = await noteProbeFailed(this.db, place, reasonOf(place, failure));
    this.recent.delete(place);
    if (still) throw awayError(still);
  }

  /**
   * What a call's error means: the error itself if it is the call's own fault or a probe succeeds, otherwise that the place is
   * unreachable.
   */
  async meaning(place: string, error: unknown, probe: Probe): Promise<unknown> {
    if (!isOfPlace(error)) return error;
    const failure = await this.ask(place, probe);
    if (failure === undefined) return error;
    const away = await notePlaceAway(this.db, place, reasonOf(place, failure));
    if (away.isNew) this.log.warn({ place, reason: away.reason }, 'Telegram unreachable');
    this.recent.delete(place);
    return awayError(away);
  }

  /** What is wrong with the place; undefined if it answers. Concurrent callers share one probe. */
  private async ask(place: string, probe: Probe): Promise<unknown> {
    let asked = this.probing.get(place);
    if (!asked) {
      asked = probe().then(
        () => undefined,
        (error: unknown) => (isOfPlace(error) ? error : undefined),
      );
      this.probing.set(place, asked);
      void asked.finally(() => this.probing.delete(place));
    }
    return await asked;
  }

  private async back(place: string): Promise<void> {
    this.recent.delete(place);
    if (await notePlaceBack(this.db, place)) this.log.info({ place }, 'Telegram reachable again');
  }

  private async awayPlace(place: string): Promise<AwayPlace | undefined> {
    const last = this.recent.get(place);
    const ageMs = last ? performance.now() - last.at : Infinity;
    if (last && ageMs < freshMs && (!last.away || last.away.waitMs > ageMs)) return last.away;
    const away = await awayPlace(this.db, place);
    this.recent.set(place, { at: performance.now(), away });
    return away;
  }
}

/** Whether the error means that the server itself (5xx, -503) or the connection to it is out of order. */
export function isOfPlace(error: unknown): boolean {
  if (error instanceof ConnectionLostError) return true;
  return (
    error instanceof TelegramError && (error.code >= 500 || error.code < 0) && error.reason !== 'CDN_UPLOAD_TIMEOUT'
  );
}

function awayError({ reason, waitMs }: AwayPlace): PlaceAwayError {
  // Jitter, so that not all retry at once when it is back.
  return new PlaceAwayError(Math.max(waitMs, 1000) * (1 + Math.random() / 4), reason);
}

function reasonOf(place: string, failure: unknown): string {
  return `${place} is unreachable (${(failure as Error).message}); work that needs it waits and resumes by itself`;
}
