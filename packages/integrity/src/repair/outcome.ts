/** outcome.ts: what a repair did about a finding, or why it did not. */

export interface Outcome {
  /** owed: the fleet brings it. left: only the person can. skipped: a worker has it now, another run may mend it. */
  outcome: 'mended' | 'owed' | 'left' | 'skipped';
  text: string;
}

export const mended = (text: string): Outcome => ({ outcome: 'mended', text });
export const left = (text: string): Outcome => ({ outcome: 'left', text });
export const skipped: Outcome = {
  outcome: 'skipped',
  text: 'a worker has it at this moment; run `tgsync repair` again',
};
