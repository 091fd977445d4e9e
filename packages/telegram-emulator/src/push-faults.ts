/**
 * push-faults.ts: what may happen to a single push on its way: lost, late, repeated, overtaken. Clients must get over all of it.
 */
import { type Who, whoId } from './world/message.js';
import { Random } from './world/random.js';
import type { StepKind } from './world/update-log.js';
import type { WorldEvent } from './world/world.js';

/** Which pushes a fault affects: all conditions must hold. */
export interface PushFilter {
  readonly chat?: Who;
  readonly what?: StepKind | 'loose';
  /** How many pushes are affected; unlimited by default, so that a chat can be one that is never pushed. */
  readonly times?: number;
  /** How many matching pushes are let through first. */
  readonly skip?: number;
  /** Affects each matching push with this probability, by the seed. */
  readonly chance?: number;
  readonly seed?: string;
}

/** What happens to a push. */
export type PushAction =
  | { readonly kind: 'drop' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Until the fault is removed. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'twice' }
  /** It comes after the next one. */
  | { readonly kind: 'swap' };

export type PushFault = PushFilter & PushAction;

/** An active fault. */
export interface PushFaultHandle {
  readonly fault: PushFault;
  /** Pushes affected so far. */
  readonly hits: number;
  /** Resolves when the first push is affected. */
  readonly hit: Promise<void>;
  /** Ends it; what it held is pushed. */
  remove(): void;
}

const KINDS: readonly PushAction['kind'][] = ['drop', 'delay', 'hold', 'twice', 'swap'];

/** One active fault. */
export class LivePushFault implements PushFaultHandle {
  hits = 0;
  readonly hit: Promise<void>;
  /** What it held. */
  readonly held: (() => void)[] = [];
  #onHit = (): void => {};
  #left: number;
  #skip: number;
  readonly #random: Random;

  constructor(
    readonly fault: PushFault,
    private readonly onRemove: (it: LivePushFault) => void,
  ) {
    if (!KINDS.includes(fault.kind)) throw new Error(`kind must be one of ${KINDS.join(', ')}`);
    this.hit = new Promise((resolve) => (this.#onHit = resolve));
    this.#left = fault.times ?? Infinity;
    this.#skip = fault.skip ?? 0;
    this.#random = new Random(fault.seed ?? 'pushes');
  }

  /** Whether it affects this push; counts it if so. */
  meets({ kind, chat }: WorldEvent): boolean {
    const { fault } = this;
    if (this.#left === 0 || (fault.what ?? kind) !== kind) return false;
    if (fault.chat !== undefined && whoId(fault.chat) !== chat.id) return false;
    if (this.#skip > 0) {
      this.#skip--;
      return false;
    }
    if (fault.chance !== undefined && !this.#random.chance(fault.chance)) return false;
    this.#left--;
    this.hits++;
    this.#onHit();
    return true;
  }

  remove(): void {
    this.onRemove(this);
    for (const push of this.held.splice(0)) push();
  }
}
