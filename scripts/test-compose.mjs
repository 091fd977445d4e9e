/** test-compose.mjs: `npm run test:compose`: tests with real docker compose if a Docker engine answers; otherwise it says so and skips. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

const results = join(root, 'data', 'test', 'compose.json');
rmSync(results, { force: true });
const answers = (...args) => spawnSync('docker', args, { stdio: 'ignore' }).status === 0;
if (!answers('info') || !answers('compose', 'version')) {
  console.warn('\nSKIPPED: docker compose tests. No Docker engine with compose v2 answers.\n');
  process.exit(0);
}
setup();
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const args = ['--config', join('e2e', 'vitest.compose.config.ts'), '--reporter=default', '--reporter=json'];
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', ...args, `--outputFile=${results}`, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
