/**
 * bench.mjs: `npm run bench -- <name>`: sets up, then runs one file of bench/src; without a name, the most important ones in a short form
 * (`--quick`: so small that it only shows whether they run). `--against <checkout>` goes to those that compare builds.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

const MiB = 2 ** 20;
/** What a run without a name does, in some twenty minutes on two cores. */
const short = {
  media: ['--rounds', '1', '--scale', '25'],
  history: ['--rounds', '1', '--messages', '20000'],
  idle: ['--rounds', '1', '--seconds', '30'],
  start: ['--rounds', '1'],
  workers: ['--rounds', '1', '--scale', '25'],
  fleet: ['--messages', '5000', '--files', '100', '--bytes', `${256 * MiB}`],
  memory: ['--rest', '30'],
};
/** In some minutes. */
const quick = {
  media: ['--rounds', '1', '--scale', '5', '--scenarios', 'large,small'],
  history: ['--rounds', '1', '--messages', '2000'],
  idle: ['--rounds', '1', '--seconds', '5', '--rest', '2'],
  start: ['--rounds', '1'],
  workers: ['--rounds', '1', '--scale', '5', '--scenarios', 'small,history', '--media', '1,2'],
  fleet: ['--messages', '1000', '--files', '20', '--bytes', `${16 * MiB}`],
  memory: ['--rest', '5', '--messages', '500', '--files', '10', '--bytes', `${8 * MiB}`],
  simulate: [],
};
/** Those that compare builds. */
const comparing = ['media', 'history'];
/** Used by the benchmarks, but none. */
const parts = ['emulator', 'usage'];

setup();
const [name, ...options] = process.argv.slice(2);
const isAll = name === undefined || name.startsWith('--');
const names = readdirSync(join(root, 'bench', 'src'))
  .filter((it) => it.endsWith('.ts'))
  .map((it) => it.replace(/\.ts$/, ''))
  .filter((it) => !parts.includes(it));
if (!isAll && !names.includes(name)) {
  console.error(`Name one of: ${names.join(', ')}. See bench/README.md.`);
  process.exit(1);
}
/** @type {Record<string, string[]>} */
const runs = isAll ? (process.argv.includes('--quick') ? quick : short) : { [name]: options };
const at = process.argv.indexOf('--against');
const against = isAll && at > 0 ? process.argv.slice(at, at + 2) : [];
let failed = false;
for (const [bench, sizes] of Object.entries(runs)) {
  const args = comparing.includes(bench) ? [...sizes, ...against] : sizes;
  if (isAll) console.log(`\n# ${bench} ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [join(root, 'bench', 'dist', `${bench}.js`), ...args], {
    stdio: 'inherit',
  });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
