/** policies.ts: the policies for every call, of the account and of files: when it may be made, and what its error means for us. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyLostError, LoginLostError } from '../wire/errors.js';

export interface Policy {
  /** Throws while a call may not be made. */
  before?(): Promise<void>;
  /** What a call's error means: another error, or itself. It may also be thrown. */
  meaning(error: unknown): Promise<unknown>;
}

/** Throws the error of the first policy that forbids the call. */
export async function before(policies: readonly Policy[]): Promise<void> {
  for (const it of policies) await it.before?.();
}

/** The last policy is nearest to the call: each gets the error as interpreted by those after it. */
export async function meaning(policies: readonly Policy[], error: unknown): Promise<unknown> {
  let meant = error;
  for (const it of policies.toReversed()) meant = await it.meaning(meant);
  return meant;
}

/** Handles a key that the server no longer knows, and a login that Telegram ended: the caller decides what follows. */
export function lost(onLost: (error: KeyLostError | LoginLostError) => unknown): Policy {
  return {
    async meaning(error) {
      const isLost = error instanceof KeyLostError || error instanceof LoginLostError;
      return isLost ? await onLost(error) : error;
    },
  };
}

export interface Retries {
  tries: number;
  /** Whether a retry may succeed. */
  isWorthIt: (error: unknown) => boolean;
  onRetry: (error: Error) => void;
  signal: AbortSignal | undefined;
}

const firstPauseMs = 200;

/** Retries a call until it succeeds, its error is not worth a retry, or the tries are used up. */
export async function retried<T>(call: () => Promise<T>, { tries, isWorthIt, onRetry, signal }: Retries): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === tries || !isWorthIt(error)) throw error;
      onRetry(error as Error);
      await sleep(firstPauseMs * attempt, undefined, { signal });
    }
  }
}
