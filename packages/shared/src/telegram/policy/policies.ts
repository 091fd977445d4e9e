/** policies.ts: what holds for every call, in one place: when it may be made, and what its error means for us. The account and files alike. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyLostError, LoginLostError } from '../wire/errors.js';

export interface Policy {
  /** Throws while a call may not be made. */
  before?(): Promise<void>;
  /** What the error of a call means: another one, or itself. It may be thrown as well. */
  meaning(error: unknown): Promise<unknown>;
}

/** Throws what the first policy does that lets no call be made. */
export async function before(policies: readonly Policy[]): Promise<void> {
  for (const it of policies) await it.before?.();
}

/** The last policy is the nearest to the call: each gets what those behind it have made of the error. */
export async function meaning(policies: readonly Policy[], error: unknown): Promise<unknown> {
  let meant = error;
  for (const it of policies.toReversed()) meant = await it.meaning(meant);
  return meant;
}

/** A key that the server does not know any more, and a login that Telegram ended: who has them says what comes of it. */
export function lost(comesOfIt: (error: KeyLostError | LoginLostError) => unknown): Policy {
  return {
    async meaning(error) {
      const isLost = error instanceof KeyLostError || error instanceof LoginLostError;
      return isLost ? await comesOfIt(error) : error;
    },
  };
}

export interface Retries {
  tries: number;
  /** Whether another try may end otherwise. */
  isWorthIt: (error: unknown) => boolean;
  onRetry: (error: Error) => void;
  signal: AbortSignal | undefined;
}

const firstPauseMs = 200;

/** Calls until that succeeds, its error is not worth another try, or there were enough of them. */
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
