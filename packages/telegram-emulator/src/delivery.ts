/**
 * delivery.ts: how faults affect the delivery of an answer: how often it is sent, what shares its container, and whether
 * the connection is closed afterwards. Pure.
 */
import type { FaultAction } from './faults.js';

type Of<K extends FaultAction['kind']> = Extract<FaultAction, { kind: K }>;

export interface Delivery {
  /** How often the answer is sent. */
  readonly copies: number;
  /** It waits for other answers of its session, to be sent in one container with them. */
  readonly gather: Of<'gather'> | undefined;
  /** What is sent in the same container. */
  readonly unsolicited: Of<'unsolicited'> | undefined;
  /** Whether the connection is closed afterwards. */
  readonly hangUp: boolean;
}

/** The delivery of an answer that no fault affects. */
export const ORDINARY: Delivery = { copies: 1, gather: undefined, unsolicited: undefined, hangUp: false };

/** The delivery that the faults of a call ask for. */
export function deliveryOf(actions: readonly FaultAction[]): Delivery {
  if (actions.length === 0) return ORDINARY;
  const find = <K extends FaultAction['kind']>(kind: K): Of<K> | undefined =>
    actions.find((it): it is Of<K> => it.kind === kind);
  return {
    copies: find('answer-twice') ? 2 : 1,
    gather: find('gather'),
    unsolicited: find('unsolicited'),
    hangUp: find('hang-up') !== undefined,
  };
}
