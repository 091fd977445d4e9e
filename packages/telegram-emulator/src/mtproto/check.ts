/**
 * check.ts: the checks on one client message, with the codes of `bad_msg_notification`. Pure.
 */
import type { Session } from './session.js';

/** Whether a message must be acknowledged; `either` where the specification does not say. */
export type Relevance = 'content' | 'silent' | 'either';

const TOO_OLD_S = 300;
const TOO_NEW_S = 30;

/** The error code for a message id on its own, or undefined. */
export function checkTime(msgId: bigint, nowMs: number): number | undefined {
  if (msgId % 4n !== 0n) return 18;
  const seconds = Number(BigInt.asUintN(64, msgId) >> 32n);
  if (seconds < nowMs / 1000 - TOO_OLD_S) return 16;
  if (seconds > nowMs / 1000 + TOO_NEW_S) return 17;
  return undefined;
}

/** The error code for a new message's position in its session, or undefined. */
export function checkSequence(
  msgId: bigint,
  seqNo: number,
  relevance: Relevance,
  session: Session,
): number | undefined {
  if (msgId <= session.forgotten) return 20;
  const odd = seqNo % 2 !== 0;
  if (relevance === 'silent' && odd) return 34;
  if (relevance === 'content' && !odd) return 35;
  const { before, after } = session.neighbours(msgId);
  if (before && (before.seqNo > seqNo || (odd && before.seqNo === seqNo))) return 32;
  if (after && (after.seqNo < seqNo || (odd && after.seqNo === seqNo))) return 33;
  return undefined;
}
