/** bench.mjs: `npm run bench -- <name>`: sets up, then runs one file of bench/src; without a name, the most important ones in a quick form. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

/** What a run without a name does, in some twenty minutes on two cores. */
const quick = {
  media: ['--rounds', '1', '--scale', '25'],
  history: ['--rounds', '1', '--messages', '20000'],
  idle: ['--rounds', '1', '--seconds', '30'],
  start: ['--rounds', '1'],
  fleet: ['--messages', '5000', '--files', '100', '--bytes', `${256 * 2 ** 20}`],
  memory: ['--rest', '30'],
};
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
const runs = isAll ? quick : { [name]: options };
let failed = false;
for (const [bench, args] of Object.entries(runs)) {
  if (isAll) console.log(`\n# ${bench} ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [join(root, 'bench', 'dist', `${bench}.js`), ...args], {
    stdio: 'inherit',
  });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
