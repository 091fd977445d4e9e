/** outcome.ts: what a repair did about a finding, or why it did nothing. */

export interface Outcome {
  /** owed: the fleet downloads it. left: only the person can fix it. skipped: a worker is using it; another run may repair it. */
  outcome: 'repaired' | 'owed' | 'left' | 'skipped';
  text: string;
}

export const repaired = (text: string): Outcome => ({ outcome: 'repaired', text });
export const left = (text: string): Outcome => ({ outcome: 'left', text });
export const skipped: Outcome = {
  outcome: 'skipped',
  text: 'a worker is using it; run `tgsync repair` again',
};
