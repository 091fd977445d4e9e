/** check.ts: whether an update continues its box (core.telegram.org/api/updates#message-related-event-sequences). Pure. */

/**
 * `apply`: it is the next one. `seen`: applied before. `overlap`: applied in part. `gap`: some before it are missing. `unknown`: the box has
 * no state yet. `bad`: impossible numbers.
 */
export type Verdict = 'apply' | 'seen' | 'overlap' | 'gap' | 'unknown' | 'bad';

/** `local`: the box's pts, undefined if it has none yet. `pts`: after the update. `count`: how many events it stands for; maybe none. */
export function check(local: number | undefined, pts: number, count: number): Verdict {
  if (count < 0 || pts < count || pts <= 0) return 'bad';
  if (local === undefined) return 'unknown';
  const before = pts - count;
  if (before === local) return 'apply'; // first: one that stands for nothing has content, too
  if (pts <= local) return 'seen';
  return before < local ? 'overlap' : 'gap';
}
