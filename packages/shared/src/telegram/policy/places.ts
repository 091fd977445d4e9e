/**
 * places.ts: an outage is nobody's failure. When a call finds a place out of order (a data centre, the way to it), a probe says whose
 * fault that is: where Telegram answers it, whatever it says, the place is well and the fault is the call's own; else the place is away,
 * told once, and all that needs it waits, in the whole fleet, until a probe finds it back. Probes come after growing pauses.
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

/** Longer than a probe can take. */
const probeSeconds = 90;
/** How old an answer of the database may be. */
const freshMs = 1000;

/** Asks the place for anything, and throws what a call would. */
type Probe = () => Promise<unknown>;

export class Places {
  private readonly looked = new Map<string, { at: number; away: AwayPlace | undefined }>();
  private readonly probing = new Map<string, Promise<unknown>>();

  constructor(
    private readonly db: Db,
    private readonly log: Logger,
  ) {}

  of(place: string, probe: Probe): Policy {
    return { before: () => this.before(place, probe), meaning: (error) => this.meaning(place, error, probe) };
  }

  /** Throws a {@link PlaceAwayError} while the place is away. Who finds that a probe is due makes it. */
  async before(place: string, probe: Probe): Promise<void> {
    const away = await this.look(place);
    if (!away) return;
    if (away.waitMs > 0 || !(await takeProbe(this.db, place, probeSeconds))) throw awayError(away);
    const failure = await this.ask(place, probe);
    if (failure === undefined) return await this.back(place);
    const still = await noteProbeFailed(this.db, place, wordsOf(place, failure));
    this.looked.delete(place);
    if (still) throw awayError(still);
  }

  /** What the error of a call means: itself, where it is the call's own fault or a probe succeeds, or that the place is away. */
  async meaning(place: string, error: unknown, probe: Probe): Promise<unknown> {
    if (!isOfPlace(error)) return error;
    const failure = await this.ask(place, probe);
    if (failure === undefined) return error;
    const away = await notePlaceAway(this.db, place, wordsOf(place, failure));
    if (away.isNew) this.log.warn({ place, reason: away.reason }, 'Telegram unreachable');
    this.looked.delete(place);
    return awayError(away);
  }

  /** What is wrong with the place; undefined: it answers. One probe at a time for all who want to know. */
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
    this.looked.delete(place);
    if (await notePlaceBack(this.db, place)) this.log.info({ place }, 'Telegram reachable again');
  }

  private async look(place: string): Promise<AwayPlace | undefined> {
    const last = this.looked.get(place);
    const ageMs = last ? performance.now() - last.at : Infinity;
    if (last && ageMs < freshMs && (!last.away || last.away.waitMs > ageMs)) return last.away;
    const away = await awayPlace(this.db, place);
    this.looked.set(place, { at: performance.now(), away });
    return away;
  }
}

/** What is out of order when a call fails so: the server itself (5xx, -503), or the way to it. */
export function isOfPlace(error: unknown): boolean {
  if (error instanceof ConnectionLostError) return true;
  return (
    error instanceof TelegramError && (error.code >= 500 || error.code < 0) && error.reason !== 'CDN_UPLOAD_TIMEOUT'
  );
}

function awayError({ reason, waitMs }: AwayPlace): PlaceAwayError {
  // Not all at once when it is back.
  return new PlaceAwayError(Math.max(waitMs, 1000) * (1 + Math.random() / 4), reason);
}

function wordsOf(place: string, failure: unknown): string {
  return `${place} is unreachable (${(failure as Error).message}); work that needs it waits and resumes by itself`;
}
