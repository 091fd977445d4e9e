/** test.mjs: `npm test`: the set-up, then the tests. Arguments go to vitest; `large` and `swapped` run others instead, see vitest.config.ts. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

setup();
const [first, ...rest] = process.argv.slice(2);
const others = ['large', 'swapped'].includes(first) ? first : undefined;
const args = others ? rest : process.argv.slice(2);
const results = join(root, 'data', 'test', `${others ?? 'results'}.json`);
mkdirSync(join(root, 'data', 'test'), { recursive: true });
rmSync(results, { force: true });
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${results}`];
const env = { ...process.env, ...(others ? { TGSYNC_TEST: others } : {}) };
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
