/** restarts.ts: an app of the fleet ended: is it started again, and when? Pure. */
import { exitCodes } from '@tgsync/shared/app';

export interface End {
  /** Null: it was killed by a signal. */
  code: number | null;
  /** It was to end by itself when nothing was owed any more. */
  isOnce: boolean;
  /** How many times in a row it has ended soon after its start, this one included. */
  quickEnds: number;
}

const mostQuickEnds = 10;

/** A lost database ends an app at any moment: it is started again, ever later. What a person must mend ends the fleet. */
export function afterEnd({ code, isOnce, quickEnds }: End): { end: number } | { restartMs: number } {
  if (code === exitCodes.personMustAct) return { end: 1 };
  if (isOnce && (code === 0 || code === 1)) return { end: code };
  if (quickEnds > mostQuickEnds) return { end: code || 1 };
  return { restartMs: Math.min(1000 * 2 ** Math.max(0, quickEnds - 1), 30_000) };
}
