/**
 * on-node-22.mjs: runs a script on Node 22, which the image has, whatever Node this machine has. It comes from the npm registry, as a package
 * that holds nothing but the program. Arguments: the script and its own.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { root } from './setup.mjs';

const version = '22.23.3';
const wanted = `node-${process.platform}-${process.arch}@${version}`;

const program = find();
const args = process.argv.slice(2);
console.log(`on Node ${version}: ${args.join(' ')}`);
const { status } = spawnSync(program, args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(program)}${delimiter}${process.env.PATH}` }, // also for what it starts by name
});
process.exit(status ?? 1);

/** What npx tells its child in the environment would confuse the npx of the set-up: it is only asked where the program is. */
function find() {
  const asking = [
    'exec',
    '--yes',
    `--package=${wanted}`,
    '--',
    'node',
    '-p',
    '[process.versions.node, process.execPath].join(" ")',
  ];
  const { stdout, error } = spawnSync('npm', asking, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  const [found, path] = error ? [] : stdout.trim().split(' ');
  if (found === version) return path;
  console.error(
    `Node ${version} could not be had as ${wanted}: is the npm registry reachable? Found ${found || 'none'}.`,
  );
  return process.exit(1);
}
