/**
 * Tests stand beside their sources; those of the whole fleet are in e2e. `npm test` runs every unit test and a test of each promise, with
 * its queues in Postgres or in Redis; its aim is six minutes. `npm run test:all` has the rest: the tests tagged `thorough`, then (`swapped`)
 * those of the fleet again with their queues in the other place. The long ones run by `npm run test:large`. Files that are named
 * run whole.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const large = process.env.TGSYNC_TEST === 'large';
const swapped = process.env.TGSYNC_TEST === 'swapped';
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.warn('\nSKIPPED: the fleet with its queues in Redis. Install redis-server to run it.\n');

const others = ['**/node_modules/**', '**/dist/**'];
const ofTheirOwn = ['e2e/src/large/**', 'e2e/src/compose/**'];
const files = (...names: string[]) => names.map((it) => `e2e/src/${it}.test.ts`);
/** What has nothing to do with the queues runs once. */
const once = files(
  'addresses',
  'adopt',
  'cdn',
  'disk',
  'flood-waits',
  'gone-files',
  'hashes',
  'log-messages',
  'login',
  'names',
  'prove',
  'refused-links',
  'sessions',
  'start',
  'walls',
);
/** The half that `npm test` runs with its queues in Redis. */
const first = files(
  'chaos',
  'config-edits',
  'dashboard',
  'deletions',
  'kills',
  'lock',
  'odd-pages',
  'secrets',
  'verify',
);

/** Its stock clients speak GramJS's own layer, the product another. */
const emulator = 'packages/telegram-emulator/src/**/*.test.ts';

/** They replace modules of Node, which others must not get to see. */
const alone = ['adopt-parts', 'media-store'].map((it) => `packages/shared/src/store/${it}.test.ts`);

function project(
  name: string,
  backend: 'postgres' | 'redis',
  include: readonly string[],
  exclude: readonly string[] = [],
): TestProjectInlineConfiguration {
  const testing = fileURLToPath(new URL('./packages/testing/dist', import.meta.url));
  const timeout = large ? 1_800_000 : 300_000; // a busy machine is no failure
  return {
    // Tests of shared use it, too, and it stands on shared: a dependency would be a circle.
    resolve: {
      alias: [
        { find: /^@tgsync\/testing$/, replacement: `${testing}/index.js` },
        { find: /^@tgsync\/testing\/(.*)$/, replacement: `${testing}/$1.js` },
      ],
    },
    test: {
      name,
      include: [...include],
      exclude: [...others, ...exclude],
      provide: { backend },
      // Modules are loaded once for all files of a worker, as loading them takes longer than most tests; those of `alone` anew.
      isolate: name === 'alone',
      restoreMocks: true,
      testTimeout: timeout,
      hookTimeout: 120_000,
    },
  };
}

const fleet = 'e2e/src/**/*.test.ts';

function projects(): TestProjectInlineConfiguration[] {
  if (large) return [project('large', 'postgres', ['e2e/src/large/**/*.test.ts'])];
  const parts = [
    project('parts', 'postgres', ['{apps,packages}/*/src/**/*.test.ts'], [...alone, emulator]),
    project('emulator', 'postgres', [emulator]),
    project('alone', 'postgres', alone),
  ];
  if (!hasRedis) return swapped ? [] : [...parts, project('fleet', 'postgres', [fleet], ofTheirOwn)];
  if (swapped) {
    const onRedis = project('fleet on redis', 'redis', [fleet], [...ofTheirOwn, ...once, ...first]);
    return [project('fleet', 'postgres', first), onRedis];
  }
  const onPostgres = project('fleet', 'postgres', [fleet], [...ofTheirOwn, ...first]);
  return [...parts, onPostgres, project('fleet on redis', 'redis', first)];
}

export default defineConfig({
  test: {
    projects: projects(),
    tags: [{ name: 'thorough', description: 'one more side of a promise that another test of `npm test` shows' }],
    // Once for all projects: not inherited by them.
    globalSetup: ['packages/testing/src/global-setup.ts'],
    // Most of a test of the fleet is waiting: for leases, dates and other processes.
    maxWorkers: 3,
  },
});
