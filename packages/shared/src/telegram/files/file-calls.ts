/** file-calls.ts: what a file is read by: calls over the file connections of a data centre, refusals with their meaning. */
import type { Api } from '../wire/gramjs.js';

/** A worker lacks a usable key of a data centre; the fetch worker is to be asked for one. */
export class KeyNeededError extends Error {
  override name = 'KeyNeededError';
  constructor(
    readonly dcId: number,
    /** The name of the key that was refused. */
    readonly refused: string | null,
  ) {
    super(`data centre ${dcId}: a key is needed`);
  }
}

export interface FileCalls {
  call<R extends Api.AnyRequest>(dcId: number, request: R, signal: AbortSignal): Promise<R['__response']>;
  /** Throws a `RetryAfterError` while a flood wait for this method lasts there. */
  awaitTurn(dcId: number, method: string): Promise<void>;
  /** Whether a key of the data centre has been waited for so long that it may never come. */
  keyIsLate(dcId: number): boolean;
}
