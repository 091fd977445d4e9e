/** restarts.ts: decides whether and when an app that exited is restarted. Pure. */
import { exitCodes } from '@tgsync/shared/app';

export interface End {
  /** null: killed by a signal. */
  code: number | null;
  /** It was meant to exit once nothing was owed any more. */
  isOnce: boolean;
  /** How many times in a row it exited soon after its start, including this time. */
  quickEnds: number;
}

const mostQuickEnds = 10;

/** Losing the database can end an app at any time: it is restarted, with growing delays. An error that a person must fix ends the fleet. */
export function afterEnd({ code, isOnce, quickEnds }: End): { end: number } | { restartMs: number } {
  if (code === exitCodes.personMustAct) return { end: 1 };
  if (isOnce && (code === 0 || code === 1)) return { end: code };
  if (quickEnds > mostQuickEnds) return { end: code || 1 };
  return { restartMs: Math.min(1000 * 2 ** Math.max(0, quickEnds - 1), 30_000) };
}
