/**
 * on-node-22.mjs: runs a script on Node 22, the version in the image, whatever version this machine has. It comes from the npm registry,
 * as a package that contains only the program. Arguments: the script and its own arguments.
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
  env: { ...process.env, PATH: `${dirname(program)}${delimiter}${process.env.PATH}` }, // so that programs it starts by name use it, too
});
process.exit(status ?? 1);

/** Only looks the program up: what npx puts into its child's environment would confuse the npx of the set-up. */
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
  console.error(`Could not get Node ${version} as ${wanted} (got ${found || 'none'}). Is the npm registry reachable?`);
  return process.exit(1);
}
