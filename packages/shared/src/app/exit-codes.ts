/** exit-codes.ts: what an app's end means to whoever started it, by the numbers of sysexits.h. */
export const exitCodes = {
  /** Starting it again helps once a person has mended what it said (EX_CONFIG). */
  personMustAct: 78,
  /** Something unexpected: starting it again may help (EX_SOFTWARE). */
  crashed: 70,
} as const;
