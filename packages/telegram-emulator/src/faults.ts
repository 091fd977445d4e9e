/**
 * faults.ts: failures on demand. A fault says which calls it affects and what happens to them.
 * To wait for a fault to take effect, await its promises: tests never sleep.
 */
import { type FaultFilter, matches } from './fault-filter.js';
import type { Oddity } from './odd-pages.js';
import type { ById } from './tl/by-id.js';
import type { WireCall } from './wire-call.js';
import { whoId } from './world/message.js';

/**
 * What happens to the world before the call is answered: all file references handed out so far expire, or all CDN tokens;
 * or the CDN loses its cache; or all files move to another location; or the password challenges issued so far (`srp_id`)
 * are forgotten.
 */
export type FaultEffect =
  'expire-references' | 'expire-cdn-tokens' | 'drop-cdn-files' | 'relocate-files' | 'forget-srp';

/** What happens to a call. */
export type FaultAction =
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** The connection is cut instead of answering. */
  | { readonly kind: 'drop' }
  /** The call is acknowledged and never answered. */
  | { readonly kind: 'stall' }
  /** The call is handled later; other faults then still apply. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The call is handled at once, and answered when the fault is removed. */
  | { readonly kind: 'late' }
  /** File bytes in the answer lose their end; `keep` bytes remain, by default half. */
  | { readonly kind: 'truncate'; readonly keep?: number }
  /** One bit of the file bytes is flipped: at byte `at` of the answer, by default in the middle. */
  | { readonly kind: 'corrupt'; readonly at?: number }
  /** A page of messages is odd, but within what the documentation allows. */
  | { readonly kind: 'odd-page'; readonly oddity: Oddity }
  /** The key's salts change, and the call is refused with `bad_server_salt`. */
  | { readonly kind: 'wrong-salt' }
  | { readonly kind: FaultEffect }
  /**
   * The answer waits for other answers of its session, until `answers` are waiting or `ms` have passed, and all leave in one
   * container. An answer that this fault does not affect takes the waiting ones along. Give `answers`, `ms` or both.
   */
  | { readonly kind: 'gather'; readonly answers?: number; readonly ms?: number; readonly errorsFirst?: boolean }
  /**
   * The answer shares a container with something unsolicited that no layer knows: updates that include an unknown one, or
   * a whole message of an unknown constructor. By default that comes before the answer.
   */
  | (ById & { readonly kind: 'unsolicited'; readonly what?: 'update' | 'message'; readonly where?: 'first' | 'last' })
  /** The connection is closed after the answer. */
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'answer-twice' };

export type Fault = FaultFilter & FaultAction;

/** An active fault. */
export interface FaultHandle {
  readonly id: number;
  readonly fault: Fault;
  /** Calls affected so far. */
  readonly hits: number;
  /** Resolves when the first call is affected. */
  readonly hit: Promise<void>;
  /** Resolves when `times` calls have been affected; never without `times`. */
  readonly spent: Promise<void>;
  remove(): void;
}

interface Live {
  readonly handle: FaultHandle;
  readonly fault: Fault;
  /** Calls that matched, whether affected or not. */
  matched: number;
  hits: number;
  readonly onHit: () => void;
  readonly onSpent: () => void;
}

/** All active faults, consulted for every call. */
export class Faults {
  readonly #live = new Map<number, Live>();
  readonly #removed = new WeakMap<FaultAction, Promise<void>>();
  #lastId = 0;

  /** Activates a fault. */
  add(given: Fault): FaultHandle {
    const fault = given.peer === undefined ? given : { ...given, peer: whoId(given.peer) };
    if (fault.kind === 'gather' && fault.answers === undefined && fault.ms === undefined)
      throw new Error('gather needs answers or ms');
    const id = ++this.#lastId;
    let [onHit, onSpent] = [() => {}, () => {}];
    const hit = new Promise<void>((resolve) => (onHit = resolve));
    const spent = new Promise<void>((resolve) => (onSpent = resolve));
    let onRemove = (): void => {};
    const removed = new Promise<void>((resolve) => (onRemove = resolve));
    const remove = (): void => {
      this.#live.delete(id);
      onRemove();
    };
    this.#removed.set(fault, removed);
    const handle = { id, fault, hit, spent, remove, hits: 0 };
    Object.defineProperty(handle, 'hits', { enumerable: true, get: () => live.hits });
    const live: Live = { handle, fault, matched: 0, hits: 0, onHit, onSpent };
    this.#live.set(id, live);
    return handle;
  }

  /** The handles of all active faults. */
  get list(): FaultHandle[] {
    return [...this.#live.values()].map((it) => it.handle);
  }

  /** Ends all faults. */
  clear(): void {
    for (const it of this.list) it.remove();
  }

  /** Resolves when the fault is removed. */
  async removed(fault: FaultAction): Promise<void> {
    await this.#removed.get(fault);
  }

  /** The actions of all faults that affect this call, oldest first. */
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
