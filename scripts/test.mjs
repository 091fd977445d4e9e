/** test.mjs: `npm test`: the set-up, then the tests. Arguments go to vitest; `large` runs the long ones instead. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

setup();
const [first, ...rest] = process.argv.slice(2);
const isLarge = first === 'large';
const args = isLarge ? rest : process.argv.slice(2);
const results = join(root, 'data', 'test', 'results.json');
mkdirSync(join(root, 'data', 'test'), { recursive: true });
rmSync(results, { force: true });
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${results}`];
const env = { ...process.env, ...(isLarge ? { TGSYNC_TEST_LARGE: '1' } : {}) };
const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...args], {
  cwd: root,
  stdio: 'inherit',
  env,
});
const { numPassedTests, numFailedTests, numPendingTests } = readResults();
console.log(
  `\n${numPassedTests} passed, ${numFailedTests} failed${numPendingTests ? `, ${numPendingTests} skipped` : ''}`,
);
process.exit(status ?? 1);

function readResults() {
  try {
    return JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0 };
  }
}
