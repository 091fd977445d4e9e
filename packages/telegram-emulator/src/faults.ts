/**
 * faults.ts: what goes wrong on demand. A fault names the calls it meets and what happens to them.
 * Whoever waits for a fault to be met gets a promise: tests never sleep.
 */

import type { Oddity } from './odd-pages.js';

/**
 * What happens to the world before the call is answered: all file references handed out so far expire, or all tokens
 * for files of the CDN; or the CDN runs out of memory and forgets all its files.
 */
export type FaultEffect = 'expire-references' | 'expire-cdn-tokens' | 'drop-cdn-files';

/** What happens to a call. */
export type FaultAction =
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** The connection is cut instead of an answer. */
  | { readonly kind: 'drop' }
  /** The call is acknowledged and never answered. */
  | { readonly kind: 'stall' }
  /** What happens to the call, be it another fault, happens later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** An answer with bytes of a file loses its end; `keep` bytes stay, by default half. */
  | { readonly kind: 'truncate'; readonly keep?: number }
  /** One bit of the bytes of a file is wrong: that at byte `at` of the answer, by default in its middle. */
  | { readonly kind: 'corrupt'; readonly at?: number }
  /** A page of messages is odd, within what the documents allow. */
  | { readonly kind: 'odd-page'; readonly oddity: Oddity }
  /** The key's salts change, and the call is refused with `bad_server_salt`. */
  | { readonly kind: 'wrong-salt' }
  | { readonly kind: FaultEffect }
  | { readonly kind: 'answer-twice' };

/** Which calls are met: all conditions must hold. */
export interface FaultFilter {
  readonly method?: string | RegExp;
  readonly dc?: number;
  readonly mediaOnly?: boolean;
  /** How many calls are met; no limit by default. */
  readonly times?: number;
  /** How many matching calls pass before the first is met. */
  readonly skip?: number;
}

export type Fault = FaultFilter & FaultAction;

/** A fault that is in force. */
export interface FaultHandle {
  readonly id: number;
  readonly fault: Fault;
  /** Calls met so far. */
  readonly hits: number;
  /** Resolves when the first call is met. */
  readonly hit: Promise<void>;
  /** Resolves when `times` calls are met; never without `times`. */
  readonly spent: Promise<void>;
  remove(): void;
}

interface Live {
  readonly handle: FaultHandle;
  readonly fault: Fault;
  skip: number;
  hits: number;
  readonly onHit: () => void;
  readonly onSpent: () => void;
}

/** All faults in force, asked for every call. */
export class Faults {
  readonly #live = new Map<number, Live>();
  #lastId = 0;

  /** Puts a fault in force. */
  add(fault: Fault): FaultHandle {
    const id = ++this.#lastId;
    let [onHit, onSpent] = [() => {}, () => {}];
    const hit = new Promise<void>((resolve) => (onHit = resolve));
    const spent = new Promise<void>((resolve) => (onSpent = resolve));
    const remove = (): void => void this.#live.delete(id);
    const handle = { id, fault, hit, spent, remove, hits: 0 };
    Object.defineProperty(handle, 'hits', { enumerable: true, get: () => live.hits });
    const live: Live = { handle, fault, skip: fault.skip ?? 0, hits: 0, onHit, onSpent };
    this.#live.set(id, live);
    return handle;
  }

  /** The handles of all faults that are still in force. */
  get list(): FaultHandle[] {
    return [...this.#live.values()].map((it) => it.handle);
  }

  /** Ends all faults. */
  clear(): void {
    this.#live.clear();
  }

  /** What happens to this call: the actions of all faults that meet it, the oldest first. */
  meet(method: string, dc: number, mediaOnly: boolean): FaultAction[] {
    const actions: FaultAction[] = [];
    for (const [id, live] of this.#live) {
      const { fault } = live;
      if (typeof fault.method === 'string' && fault.method !== method) continue;
      if (fault.method instanceof RegExp && method.search(fault.method) < 0) continue;
      if (fault.dc !== undefined && fault.dc !== dc) continue;
      if (fault.mediaOnly !== undefined && fault.mediaOnly !== mediaOnly) continue;
      if (live.skip > 0) {
        live.skip--;
        continue;
      }
      live.hits++;
      live.onHit();
      if (fault.times !== undefined && live.hits >= fault.times) {
        this.#live.delete(id);
        live.onSpent();
      }
      actions.push(fault);
    }
    return actions;
  }
}
