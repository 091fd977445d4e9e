/** chaos.test.ts: the short form of `npm run chaos`: one seed of everything, and one that only kills, pauses and restarts processes. */
import { inject, test } from 'vitest';
import { runChaos } from './chaos/run.js';

const story: string[] = [];
const options = {
  backend: inject('backend'),
  messages: 800,
  files: 60,
  patienceMs: 120_000,
  say: (line: string) => void story.push(line),
};

test.for([
  ['everything', { seed: 1, actions: 14, onlyProcesses: false }],
  ['the login, by kills, pauses and restarts', { seed: 2, actions: 20, onlyProcesses: true }],
] as const)('nothing is lost: %s', { timeout: 400_000 }, async ([, more]) => {
  story.length = 0;
  try {
    await runChaos({ ...options, ...more });
  } catch (error) {
    throw new Error(`seed ${more.seed}: ${(error as Error).message}\n${story.join('\n')}`, { cause: error });
  }
});
