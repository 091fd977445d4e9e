/**
 * loaded-modules.ts: loaded with `--import`, it records every module that a real process imports, for tests of what none should load.
 */
import { appendFileSync, readFileSync, readdirSync } from 'node:fs';
import { type InitializeHook, register, type ResolveHook } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** A folder with one file per process, named after its program. */
const folder = process.env.TGSYNC_TEST_LOADED_MODULES;
let file: string;

// The hooks below run in a thread of their own, which loads this module, too.
if (isMainThread && folder) register(import.meta.url, { data: join(folder, programOf(process.argv[1]!)) });

/** `apps/scheduler/dist/main.js` is the program `scheduler`. */
function programOf(path: string): string {
  return basename(dirname(dirname(path)));
}

export const initialize: InitializeHook<string> = (given) => void (file = given);

export const resolve: ResolveHook = async (specifier, context, next) => {
  const found = await next(specifier, context);
  appendFileSync(file, `${found.url}\n`);
  return found;
};

/** The environment that makes a process, and all it starts, record its modules. */
export function noteLoadedModules(into: string): Record<string, string> {
  return {
    NODE_OPTIONS: `--import ${new URL('../dist/loaded-modules.js', import.meta.url).href}`,
    TGSYNC_TEST_LOADED_MODULES: into,
  };
}

/** The modules that each program has loaded. */
export function loadedModules(from: string): Record<string, string[]> {
  return Object.fromEntries(
    readdirSync(from).map((it) => [it, readFileSync(join(from, it), 'utf8').trim().split('\n')]),
  );
}
