/**
 * errors: errors as outcomes. RetryAfterError reschedules a job and keeps its attempts, PermanentError fails it for good, and anything
 * else counts as a failed attempt. PersonError is for the person who runs tgsync.
 */

/** Reschedules the job; nothing failed. `delayMs`: milliseconds from now. */
export class RetryAfterError extends Error {
  override name = 'RetryAfterError';
  constructor(
    readonly delayMs: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Something that every job needs is unavailable. That was logged once, so the waiting jobs log nothing. */
export class PlaceAwayError extends RetryAfterError {
  override name = 'PlaceAwayError';
}

/** Other jobs come first, as usual. */
export class NotItsTurnError extends RetryAfterError {
  override name = 'NotItsTurnError';
}

/** Retrying cannot help. */
export class PermanentError extends Error {
  override name = 'PermanentError';
}

/** The connection to Telegram broke, or a call was not answered in time. Another connection may work. */
export class ConnectionLostError extends Error {
  override name = 'ConnectionLostError';
}

/** Something the person has to fix; the message says what is wrong, where, and what to do. Logged without a stack. */
export class PersonError extends Error {
  override name = 'PersonError';
}
