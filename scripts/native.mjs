/**
 * native.mjs: compiles packages/shared/native/ige.c, which decrypts several times faster than WebAssembly. Optional: without a C
 * compiler tgsync works the same, only with more CPU. Needs no node-gyp, as Node's stable C API comes in the package node-api-headers.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'packages', 'shared', 'native');

/** Returns why there is no addon now; undefined if there is one. */
export function buildNative() {
  const built = join(folder, 'build', 'ige.node');
  const partial = join(folder, 'build', `ige.${process.pid}.node`);
  rmSync(built, { force: true });
  if (process.platform === 'win32') return 'there is none for Windows';
  mkdirSync(dirname(built), { recursive: true });
  const { include_dir: headers } = createRequire(join(folder, 'ige.c'))('node-api-headers');
  const undefinedSymbols = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  const compiler = process.env.CC || 'cc';
  const how = ['-shared', '-fPIC', '-O2', '-fvisibility=hidden', ...undefinedSymbols, '-I', headers, '-o', partial];
  const { status, error, stderr } = spawnSync(compiler, [...how, join(folder, 'ige.c')], { encoding: 'utf8' });
  if (status !== 0) {
    rmSync(partial, { force: true });
    return error
      ? `no C compiler (${compiler})`
      : stderr
          .trim()
          .split('\n')
          .find((it) => it.includes('error')) || `${compiler} failed`;
  }
  renameSync(partial, built); // whole or not at all, also while another process loads it
  return undefined;
}

/** Builds it and says in one line if that failed. */
export function tryNative() {
  let reason;
  try {
    reason = buildNative();
  } catch (error) {
    reason = error.message;
  }
  if (reason) process.stderr.write(`no native decryption, WebAssembly is used instead: ${reason}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) tryNative();
