/**
 * errors: outcomes with a meaning. A job that throws RetryAfterError comes back later and keeps its attempts,
 * PermanentError ends it, anything else counts as a failed attempt. PersonError speaks to the one who runs tgsync.
 */

/** Come back later; nothing failed. `delayMs` counts from now. */
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

/** What is needed is away now, for everybody. It was told once: the jobs that wait for it say nothing. */
export class PlaceAwayError extends RetryAfterError {
  override name = 'PlaceAwayError';
}

/** Trying again cannot help. */
export class PermanentError extends Error {
  override name = 'PermanentError';
}

/** The socket to Telegram broke, was cut, or a call was not answered in time. Another connection may do better. */
export class ConnectionLostError extends Error {
  override name = 'ConnectionLostError';
}

/** Something the person has to mend; the message says what is wrong, where, and what to do. Shown without a stack. */
export class PersonError extends Error {
  override name = 'PersonError';
}
