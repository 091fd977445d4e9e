/**
 * on-node-22.mjs: runs a script on Node 22, which the image has, whatever Node this machine has. It comes from the npm registry, as a package
 * that holds nothing but the program. Arguments: the script and its own.
 */
import { spawnSync } from 'node:child_process';
import { root } from './setup.mjs';

const version = '22.23.3';
const wanted = `node-${process.platform}-${process.arch}@${version}`;

function onNode22(args, stdout) {
  const options = { cwd: root, stdio: ['ignore', stdout, 'inherit'], encoding: 'utf8' };
  return spawnSync('npm', ['exec', '--yes', `--package=${wanted}`, '--', 'node', ...args], options);
}

const found = onNode22(['--version'], 'pipe').stdout?.trim();
if (found !== `v${version}`) {
  console.error(
    `Node ${version} could not be had as ${wanted}: is the npm registry reachable? Found ${found || 'none'}.`,
  );
  process.exit(1);
}
console.log(`on Node ${version}: ${process.argv.slice(2).join(' ')}`);
process.exit(onNode22(process.argv.slice(2), 'inherit').status ?? 1);
