/**
 * test.mjs: `npm test`: sets up, then runs the tests. Arguments go to vitest; a word of `selections` before them selects other tests, see
 * vitest.config.ts.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

const selections = {
  all: ['thorough', 'swapped'],
  thorough: ['thorough'],
  swapped: ['swapped'],
  large: ['large'],
  parts: ['parts'],
};
const tagsOf = { promises: '!thorough', parts: '!thorough', thorough: 'thorough' };
const projectsOf = { parts: ['parts', 'alone', 'emulator'] };

setup();
mkdirSync(join(root, 'data', 'test'), { recursive: true });
const [first, ...rest] = process.argv.slice(2);
const isSelection = Object.hasOwn(selections, first ?? '');
const args = isSelection ? rest : process.argv.slice(2);
const namesFiles = args.some((it) => !it.startsWith('-'));
const outcomes = (isSelection ? selections[first] : [namesFiles ? 'named' : 'promises']).map((it) => run(it, args));
const sum = (of) => outcomes.reduce((total, it) => total + (it[of] ?? 0), 0);
const skipped = sum('skipped');
console.log(
  `\n${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed${skipped ? `, ${skipped} skipped` : ''}`,
);
process.exit(outcomes.find((it) => it.status !== 0)?.status ?? 0);

function run(selection, vitestArgs) {
  const results = join(root, 'data', 'test', `${selection}.json`);
  rmSync(results, { force: true });
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${results}`,
      ...(tagsOf[selection] ? [`--tagsFilter=${tagsOf[selection]}`] : []),
      ...(projectsOf[selection] ?? []).map((it) => `--project=${it}`),
      ...vitestArgs,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, TGSYNC_TEST: selection } },
  );
  try {
    const report = JSON.parse(readFileSync(results, 'utf8'));
    return { ...report, skipped: skippedIn(report, selection), status: status ?? 1 };
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, status: status || 1 };
  }
}

/** How many tests could not run, for lack of a program for example; not those that belong to another selection. */
function skippedIn(report, selection) {
  const isSelected = ({ tags }) =>
    tagsOf[selection] === undefined || tags.includes('thorough') === (selection === 'thorough');
  const tests = report.testResults.flatMap((it) => it.assertionResults);
  return tests.filter((it) => it.status !== 'passed' && it.status !== 'failed' && isSelected(it)).length;
}
