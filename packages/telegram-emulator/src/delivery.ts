/**
 * delivery.ts: how an answer reaches its client, as far as faults decide it: how often, in whose company, and whether the
 * connection outlives it. Pure.
 */
import type { FaultAction } from './faults.js';

type Of<K extends FaultAction['kind']> = Extract<FaultAction, { kind: K }>;

export interface Delivery {
  /** How often the answer is sent. */
  readonly copies: number;
  /** It waits for other answers of its session, to leave with them in one container. */
  readonly gather: Of<'gather'> | undefined;
  /** What comes with it in one container. */
  readonly beside: Of<'beside'> | undefined;
  /** The connection is closed behind it. */
  readonly hangUp: boolean;
}

/** An answer that no fault meets is sent once. */
export const ORDINARY: Delivery = { copies: 1, gather: undefined, beside: undefined, hangUp: false };

/** The delivery that the faults of a call ask for. */
export function deliveryOf(actions: readonly FaultAction[]): Delivery {
  if (actions.length === 0) return ORDINARY;
  const find = <K extends FaultAction['kind']>(kind: K): Of<K> | undefined =>
    actions.find((it): it is Of<K> => it.kind === kind);
  return {
    copies: find('answer-twice') ? 2 : 1,
    gather: find('gather'),
    beside: find('beside'),
    hangUp: find('hang-up') !== undefined,
  };
}
