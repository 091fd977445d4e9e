/**
 * error.ts: a value or a byte string that does not fit its schema.
 * Such an error is loud on purpose: it is a bug of the emulator's world or of a client, never something to skip.
 */

/** Says which field does not fit, as a path such as `messages.messages › messages[3] › media`. */
export class TlError extends Error {
  readonly path: string[] = [];

  constructor(readonly problem: string) {
    super(problem);
    this.name = 'TlError';
  }

  /** Puts an outer field's name before the path. */
  inside(segment: string): this {
    this.path.unshift(segment);
    this.message = `${this.path.join(' › ')}: ${this.problem}`;
    return this;
  }
}

/** Adds a path segment when the error is one of ours, and hands it back to be thrown. */
export function located(error: unknown, segment: string): unknown {
  return error instanceof TlError ? error.inside(segment) : error;
}
