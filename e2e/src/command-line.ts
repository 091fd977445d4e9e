/** command-line.ts: `tgsync` as a process, with its own folders and with answers on standard input. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Environment, writeEnvironment } from '@tgsync/shared/config';

const main = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export function spawnTgsync(env: Environment, args: readonly string[], input = '') {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...writeEnvironment(env) } });
  child.stdin.end(input);
  return child;
}

export async function tgsync(
  env: Environment,
  args: readonly string[],
  answers: readonly string[] = [],
): Promise<Outcome> {
  const child = spawnTgsync(env, args, answers.map((it) => `${it}\n`).join(''));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}
