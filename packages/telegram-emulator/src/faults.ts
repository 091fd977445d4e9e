/**
 * faults.ts: what goes wrong on demand. A fault names the calls it meets and what happens to them.
 * Whoever waits for a fault to be met gets a promise: tests never sleep.
 */
import { type FaultFilter, matches } from './fault-filter.js';
import type { Oddity } from './odd-pages.js';
import type { ById } from './tl/by-id.js';
import type { WireCall } from './wire-call.js';
import { whoId } from './world/message.js';

/**
 * What happens to the world before the call is answered: all file references handed out so far expire, or all tokens
 * for files of the CDN; or the CDN runs out of memory and forgets all its files; or all files get another place; or the
 * password questions asked so far (`srp_id`) are forgotten.
 */
export type FaultEffect =
  'expire-references' | 'expire-cdn-tokens' | 'drop-cdn-files' | 'relocate-files' | 'forget-srp';

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
  /**
   * The answer waits for other answers of its session, until `answers` wait or `ms` have passed, and all leave in one
   * container; an answer that this fault does not meet takes along those that wait. Of `answers` and `ms` one must be given.
   */
  | { readonly kind: 'gather'; readonly answers?: number; readonly ms?: number; readonly errorsFirst?: boolean }
  /**
   * The answer shares a container with something that nobody asked for and no layer knows: updates with an unknown one
   * in them, or a whole message of an unknown constructor. It stands before the answer unless told otherwise.
   */
  | (ById & { readonly kind: 'beside'; readonly what?: 'update' | 'message'; readonly where?: 'first' | 'last' })
  /** The connection is closed behind the answer. */
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'answer-twice' };

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
  /** Calls that matched, met or not. */
  matched: number;
  hits: number;
  readonly onHit: () => void;
  readonly onSpent: () => void;
}

/** All faults in force, asked for every call. */
export class Faults {
  readonly #live = new Map<number, Live>();
  #lastId = 0;

  /** Puts a fault in force. */
  add(given: Fault): FaultHandle {
    const fault = given.peer === undefined ? given : { ...given, peer: whoId(given.peer) };
    if (fault.kind === 'gather' && fault.answers === undefined && fault.ms === undefined)
      throw new Error('gather: how many answers, or for how long?');
    const id = ++this.#lastId;
    let [onHit, onSpent] = [() => {}, () => {}];
    const hit = new Promise<void>((resolve) => (onHit = resolve));
    const spent = new Promise<void>((resolve) => (onSpent = resolve));
    const remove = (): void => void this.#live.delete(id);
    const handle = { id, fault, hit, spent, remove, hits: 0 };
    Object.defineProperty(handle, 'hits', { enumerable: true, get: () => live.hits });
    const live: Live = { handle, fault, matched: 0, hits: 0, onHit, onSpent };
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
  meet(call: WireCall): FaultAction[] {
    const actions: FaultAction[] = [];
    for (const [id, live] of this.#live) {
      const { fault } = live;
      if (!matches(fault, call)) continue;
      const place = ++live.matched - (fault.skip ?? 0);
      if (place <= 0 || place % (fault.every ?? 1) !== 0) continue;
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
