/** file-calls.ts: what reading a file needs: calls over a data centre's file connections, with typed errors. */
import type { Api } from '../wire/gramjs.js';

/** A worker lacks a usable key of a data centre; the fetch worker has to grant one. */
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
  /** A call for the file that these calls belong to. */
  call<R extends Api.AnyRequest>(dcId: number, request: R, signal: AbortSignal): Promise<R['__response']>;
  /** Throws a `RetryAfterError` while a flood wait for this method lasts there. */
  awaitTurn(dcId: number, method: string): Promise<void>;
  /** Whether the wait for the data centre's key is so long that it may never come. */
  keyIsLate(dcId: number): boolean;
}
