/** An error that a person must fix ends the fleet; everything else is restarted with growing delays, up to half a minute. */
import { exitCodes } from '@tgsync/shared/app';
import { expect, test } from 'vitest';
import { afterEnd, type End } from './restarts.js';

const end = (more: Partial<End> = {}): End => ({ code: 1, isOnce: false, quickEnds: 0, ...more });

test.each<[string, End, ReturnType<typeof afterEnd>]>([
  ['it failed after a long life', end(), { restartMs: 1000 }],
  ['it was killed', end({ code: null, quickEnds: 1 }), { restartMs: 1000 }],
  ['it ended well, though it was to run on', end({ code: 0 }), { restartMs: 1000 }],
  ['it ended soon, again', end({ quickEnds: 3 }), { restartMs: 4000 }],
  ['it ended soon, many times', end({ quickEnds: 10 }), { restartMs: 30_000 }],
  ['it ended soon, too many times', end({ quickEnds: 11 }), { end: 1 }],
  ['it was killed soon, too many times', end({ code: null, quickEnds: 11 }), { end: 1 }],
  ['a person must act', end({ code: exitCodes.personMustAct }), { end: 1 }],
  ['all is done, as it should', end({ code: 0, isOnce: true }), { end: 0 }],
  ['not all could be done', end({ code: 1, isOnce: true }), { end: 1 }],
  ['it was killed before all was done', end({ code: null, isOnce: true }), { restartMs: 1000 }],
])('%s', (_what, how, then) => {
  expect(afterEnd(how)).toEqual(then);
});
