/**
 * Tests stand beside their sources; those of the whole fleet are in e2e and run with the queues in Postgres and in Redis.
 * The long ones run by `npm run test:large` alone.
 */
import { spawnSync } from 'node:child_process';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const large = process.env.TGSYNC_TEST_LARGE === '1';
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.warn('\nSKIPPED: the fleet with its queues in Redis. Install redis-server to run it.\n');

const others = ['**/node_modules/**', '**/dist/**'];
const ofTheirOwn = ['e2e/src/large/**', 'e2e/src/compose/**'];
/** What has nothing to do with the queues runs once. */
const once = ['cdn', 'disk', 'flood-waits', 'hashes', 'login', 'sessions', 'start'].map(
  (it) => `e2e/src/${it}.test.ts`,
);

function project(
  name: string,
  backend: 'postgres' | 'redis',
  include: string,
  exclude: readonly string[] = [],
): TestProjectInlineConfiguration {
  const timeout = large ? 1_800_000 : 300_000; // a busy machine is no failure
  return {
    test: {
      name,
      include: [include],
      exclude: [...others, ...exclude],
      provide: { backend },
      testTimeout: timeout,
      hookTimeout: 120_000,
    },
  };
}

const fleet = 'e2e/src/**/*.test.ts';

export default defineConfig({
  test: {
    projects: large
      ? [project('large', 'postgres', 'e2e/src/large/**/*.test.ts')]
      : [
          project('parts', 'postgres', '{apps,packages}/*/src/**/*.test.ts'),
          project('fleet', 'postgres', fleet, ofTheirOwn),
          ...(hasRedis ? [project('fleet on redis', 'redis', fleet, [...ofTheirOwn, ...once])] : []),
        ],
    // Once for all projects: not inherited by them.
    globalSetup: ['packages/testing/src/global-setup.ts'],
    // Most of a test of the fleet is waiting: for leases, dates and other processes.
    maxWorkers: 3,
  },
});
