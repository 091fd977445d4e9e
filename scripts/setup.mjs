/**
 * setup.mjs: makes a fresh clone ready to run with only Node and npm: the pinned pnpm through npx, install, generate, build.
 * Skips what is already done.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tryNative } from './native.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.tgsync-setup.json');

/** Installs and builds what is missing, and says so, as the first time takes a while. */
export function setup() {
  refuseOldNode();
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const pnpm = ['--yes', packageManager]; // npx also puts it on the PATH, where turbo looks for it
  const stamp = readStamp();
  const install = fingerprint(['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()]);
  if (stamp.install !== install) {
    say('installing packages (once; about half a minute)');
    run(
      'npx',
      [...pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'],
      'see above: is the npm registry reachable?',
    );
  }
  const build = `${install} ${fingerprint(sources())}`;
  if (stamp.install !== install || stamp.build !== build) {
    say('building');
    run(
      'npx',
      [...pnpm, 'exec', 'turbo', 'run', 'build', '--output-logs=errors-only', '--log-prefix=none'],
      'see above',
    );
    tryNative();
    writeFileSync(stampFile, JSON.stringify({ install, build }));
  }
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`tgsync needs Node 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org.`);
  process.exit(1);
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

function workspaces() {
  const under = (folder) => readdirSync(join(root, folder)).map((it) => join(folder, it));
  return [...under('apps'), ...under('packages'), 'e2e', 'bench'].filter((it) =>
    existsSync(join(root, it, 'package.json')),
  );
}

function manifests() {
  return workspaces().map((it) => join(it, 'package.json'));
}

/** All inputs of the build. */
function sources() {
  const files = workspaces().flatMap((it) => [join(it, 'tsconfig.json'), ...filesBelow(join(it, 'src'))]);
  return [
    ...files,
    join('packages', 'shared', 'native', 'ige.c'),
    'tsconfig.base.json',
    'turbo.json',
    join('prisma', 'schema.prisma'),
  ];
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile() && !it.parentPath.includes('generated'))
    .map((it) => join(it.parentPath, it.name).slice(root.length + 1))
    .sort();
}

/** By content for the few files that determine the install, by size and time for the many sources. */
function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const path = join(root, file);
    const { size, mtimeMs } = statSync(path);
    hash.update(file).update(size < 1_000_000 && files.length < 100 ? readFileSync(path) : `${size} ${mtimeMs}`);
  }
  return hash.digest('hex');
}

function run(command, args, remedy) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', CI: process.env.CI ?? 'true' };
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env,
    shell: process.platform === 'win32',
  });
  if (result.status === 0) return;
  console.error(`\n${command} ${args.join(' ')} failed: ${result.error?.message ?? remedy}`);
  process.exit(1);
}

function say(text) {
  process.stderr.write(`setting up: ${text}\n`);
}
