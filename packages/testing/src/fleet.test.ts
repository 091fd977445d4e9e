/** fleet.test.ts: a process that a signal ended is known to be gone, however early it came: nobody waits for its exit again. */
import { once } from 'node:events';
import { expect } from 'vitest';
import { test } from './fixtures.js';

test('an app that a signal ended before it could say goodbye', async ({ fleet }) => {
  const child = fleet.start('media-worker');
  child.kill('SIGTERM'); // it has no handler yet
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  expect(await fleet.exit(child)).toBe(-1);
  await fleet.kill(child);
}, 30_000);
