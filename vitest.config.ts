/**
 * Tests stand beside their sources; those of the whole fleet are in e2e. `npm test` runs each of them with its queues in Postgres or in
 * Redis, `npm run test:swapped` with the other one, so that `npm test` stays within ten minutes. The long ones run by `npm run test:large`.
 */
import { spawnSync } from 'node:child_process';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const large = process.env.TGSYNC_TEST === 'large';
const swapped = process.env.TGSYNC_TEST === 'swapped';
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.warn('\nSKIPPED: the fleet with its queues in Redis. Install redis-server to run it.\n');

const others = ['**/node_modules/**', '**/dist/**'];
const ofTheirOwn = ['e2e/src/large/**', 'e2e/src/compose/**'];
const files = (...names: string[]) => names.map((it) => `e2e/src/${it}.test.ts`);
/** What has nothing to do with the queues runs once. */
const once = files('cdn', 'disk', 'flood-waits', 'hashes', 'login', 'sessions', 'start');
/** The half that `npm test` runs with its queues in Redis. */
const first = files('chaos', 'config-edits', 'dashboard', 'deletions', 'kills', 'odd-pages', 'secrets', 'verify');
/** The main promise is tested on both at once. */
const both = files('everything');

function project(
  name: string,
  backend: 'postgres' | 'redis',
  include: readonly string[],
  exclude: readonly string[] = [],
): TestProjectInlineConfiguration {
  const timeout = large ? 1_800_000 : 300_000; // a busy machine is no failure
  return {
    test: {
      name,
      include: [...include],
      exclude: [...others, ...exclude],
      provide: { backend },
      testTimeout: timeout,
      hookTimeout: 120_000,
    },
  };
}

const fleet = 'e2e/src/**/*.test.ts';

function projects(): TestProjectInlineConfiguration[] {
  if (large) return [project('large', 'postgres', ['e2e/src/large/**/*.test.ts'])];
  const parts = project('parts', 'postgres', ['{apps,packages}/*/src/**/*.test.ts']);
  if (!hasRedis) return swapped ? [] : [parts, project('fleet', 'postgres', [fleet], ofTheirOwn)];
  if (swapped) {
    const onRedis = project('fleet on redis', 'redis', [fleet], [...ofTheirOwn, ...once, ...first, ...both]);
    return [project('fleet', 'postgres', first), onRedis];
  }
  const onPostgres = project('fleet', 'postgres', [fleet], [...ofTheirOwn, ...first]);
  return [parts, onPostgres, project('fleet on redis', 'redis', [...first, ...both])];
}

export default defineConfig({
  test: {
    projects: projects(),
    // Once for all projects: not inherited by them.
    globalSetup: ['packages/testing/src/global-setup.ts'],
    // Most of a test of the fleet is waiting: for leases, dates and other processes.
    maxWorkers: 3,
  },
});
