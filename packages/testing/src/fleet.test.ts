/** fleet.test.ts: a process ended by a signal counts as gone, however early that happened: nobody waits for its exit again. */
import { once } from 'node:events';
import { expect } from 'vitest';
import { test } from './fixtures.js';

test('an app killed by a signal before it has a handler', async ({ fleet }) => {
  const child = fleet.start('media-worker');
  child.kill('SIGTERM'); // it has no handler yet
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  expect(await fleet.exit(child)).toBe(-1);
  await fleet.kill(child);
}, 30_000);
