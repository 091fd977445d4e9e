/** chaos.test.ts: the short form of `npm run chaos`: one seed with everything, and one that only kills, pauses and restarts processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { runChaos } from './chaos/run.js';

const story: string[] = [];
const options = {
  backend: inject('backend'),
  messages: 800,
  files: 60,
  patienceMs: 300_000,
  say: (line: string) => void story.push(line),
};

for (const [what, more] of [
  ['everything', { seed: 1, actions: 14, onlyProcesses: false }],
  ['the login, despite kills, pauses and restarts', { seed: 2, actions: 20, onlyProcesses: true }],
] as const)
  test(`nothing is lost: ${what}`, { timeout: 600_000, tags: 'thorough' }, async () => {
    story.length = 0;
    try {
      await runChaos({ ...options, ...more });
    } catch (error) {
      throw new Error(`seed ${more.seed}: ${(error as Error).message}\n${story.join('\n')}`, { cause: error });
    }
  });

test('an interrupted run leaves nothing behind', { tags: 'thorough', timeout: 200_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tgsync-ended-'));
  chmodSync(folder, 0o755); // when run as root, the database runs as another user, who must be able to enter
  const main = fileURLToPath(new URL('../dist/chaos/main.js', import.meta.url));
  const args = ['--seeds', '1', '--backend', inject('backend'), '--actions', '1000', '--verbose'];
  const run = spawn(process.execPath, [main, ...args], { env: { ...process.env, TMPDIR: folder }, stdio: 'pipe' });
  try {
    for await (const line of createInterface(run.stdout)) if (line.startsWith('  ')) break; // something happened to the fleet
    expect(readdirSync(folder)).not.toEqual([]);
    expect(processesOf(folder).length).toBeGreaterThan(5);
    const ended = once(run, 'exit');
    run.kill('SIGTERM');
    expect(await ended).toEqual([130, null]);
    expect(readdirSync(folder)).toEqual([]); // nor any mount
    expect(processesOf(folder)).toEqual([]);
  } finally {
    run.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Processes whose temporary files are in this folder. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter((it) => {
    try {
      return readFileSync(`/proc/${it}/environ`, 'utf8').includes(`TMPDIR=${folder}`);
    } catch {
      return false; // not a process, another user's, or one that has just exited
    }
  });
}
