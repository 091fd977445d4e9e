/** start.ts: starts a client of its own process and waits until it is logged in. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Task } from './task.js';

export interface StartedClient {
  child: ChildProcess;
  pid: number;
  /** Begins to work, with this folder for files; resolves when the client says it is done. */
  work(folder: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one of the programs of this folder, such as `gramjs-media`. */
export async function startClient(program: string, task: Task): Promise<StartedClient> {
  const child = fork(fileURLToPath(new URL(`./${program}.js`, import.meta.url)), [JSON.stringify(task)]);
  const exited = once(child, 'exit');
  const said = async (word: string) => {
    const failed = exited.then(([code]) => Promise.reject(new Error(`${program} exited with code ${code}`)));
    const [heard] = (await Promise.race([once(child, 'message'), failed])) as [string];
    if (heard !== word) throw new Error(`${program} said ${heard} instead of ${word}`);
  };
  await said('ready');
  return {
    child,
    pid: child.pid!,
    async work(folder) {
      child.send(folder);
      await said('done');
    },
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
