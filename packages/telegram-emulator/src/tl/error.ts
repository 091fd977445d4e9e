/**
 * error.ts: a value or a byte string that does not fit its schema.
 * It is never skipped, because it means a bug in the emulator's world or in a client.
 */

/** Names the field that does not fit by its path, such as `messages.messages › messages[3] › media`. */
export class TlError extends Error {
  readonly path: string[] = [];

  constructor(readonly problem: string) {
    super(problem);
    this.name = 'TlError';
  }

  /** Prepends an outer field's name to the path. */
  inside(segment: string): this {
    this.path.unshift(segment);
    this.message = `${this.path.join(' › ')}: ${this.problem}`;
    return this;
  }
}

/** Adds a path segment if the error is a TlError, and returns it to be thrown. */
export function located(error: unknown, segment: string): unknown {
  return error instanceof TlError ? error.inside(segment) : error;
}
