/**
 * Tests are next to their sources; those of the whole fleet are in e2e. `npm test` runs every unit test and a test of each promise, with
 * queues in Postgres or in Redis; it should take about six minutes. `npm run test:all` runs the rest: tests tagged `thorough`, then
 * (`swapped`) the fleet tests again on the other backend. `npm run test:large` runs the long ones. If files are named, all their tests run.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const large = process.env.TGSYNC_TEST === 'large';
const swapped = process.env.TGSYNC_TEST === 'swapped';
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.warn('\nSKIPPED: fleet tests with queues in Redis. Install redis-server to run them.\n');

const others = ['**/node_modules/**', '**/dist/**'];
const ofTheirOwn = ['e2e/src/large/**', 'e2e/src/compose/**'];
const files = (...names: string[]) => names.map((it) => `e2e/src/${it}.test.ts`);
/** Tests that do not depend on the queues run on one backend only. */
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
  'original-config',
  'prove',
  'refused-links',
  'sessions',
  'start',
  'walls',
);
/** The half that `npm test` runs with queues in Redis. */
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

/** A project of its own, because its stock clients use GramJS's own layer and the product another one. */
const emulator = 'packages/telegram-emulator/src/**/*.test.ts';

/** They replace Node modules, or look at what we replace in GramJS: other tests of their process must not see that, or load it twice. */
const alone = [
  'store/adopt-parts',
  'store/media-store',
  'telegram/wire/lenient-reader',
  'telegram/wire/sealed-state',
].map((it) => `packages/shared/src/${it}.test.ts`);

function project(
  name: string,
  backend: 'postgres' | 'redis',
  include: readonly string[],
  exclude: readonly string[] = [],
): TestProjectInlineConfiguration {
  const testing = fileURLToPath(new URL('./packages/testing/dist', import.meta.url));
  const timeout = large ? 1_800_000 : 300_000; // a busy machine is no reason to fail
  return {
    // Tests of shared use it, and it depends on shared: a package dependency would be circular.
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
      // Modules are loaded once per worker, as loading them takes longer than most tests; files in `alone` load their own.
      isolate: name === 'alone',
      setupFiles: [`${testing}/resolve-first.js`],
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
    project(
      'parts',
      'postgres',
      ['{apps,packages}/*/src/**/*.test.ts', 'bench/src/**/*.test.ts'],
      [...alone, emulator],
    ),
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
    tags: [{ name: 'thorough', description: 'another side of a promise that a test of `npm test` covers' }],
    // Set once for all projects; they do not inherit it.
    globalSetup: ['packages/testing/src/global-setup.ts'],
    // Fleet tests mostly wait: for leases, dates and other processes.
    maxWorkers: 3,
  },
});
