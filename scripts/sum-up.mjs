/** sum-up.mjs: the end of `.ci/run`: all failed tests with their reasons, and the totals. Argument: how many steps failed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const failedSteps = Number(process.argv[2] ?? 0);
const reports = ['promises', 'thorough', 'swapped', 'parts', 'compose'].map(read);
const sum = (of) => reports.reduce((total, it) => total + (it[of] ?? 0), 0);

for (const { name, assertionResults = [], message } of reports.flatMap((it) => it.testResults ?? [])) {
  const failed = assertionResults.filter((it) => it.status === 'failed');
  for (const test of failed) console.log(`failed: ${name}: ${test.fullName}\n${test.failureMessages.join('\n')}\n`);
  if (failed.length === 0 && message) console.log(`failed: ${name}: ${message}\n`);
}
const failed = sum('numFailedTests');
console.log(`${sum('numPassedTests')} passed, ${failed === 0 ? failedSteps : failed} failed`);

function read(selection) {
  try {
    return JSON.parse(readFileSync(join(root, 'data', 'test', `${selection}.json`), 'utf8'));
  } catch {
    return {}; // that step failed before its tests ran
  }
}
