/** exit-codes.ts: what an app's exit code means to its parent, with the numbers of sysexits.h. */
export const exitCodes = {
  /** Restarting helps only once a person has fixed what it reported (EX_CONFIG). */
  personMustAct: 78,
  /** An unexpected error: restarting may help (EX_SOFTWARE). */
  crashed: 70,
} as const;
