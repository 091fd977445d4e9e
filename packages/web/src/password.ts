/**
 * password.ts: makes and compares bcrypt hashes. Comparing runs in its own thread: it is slow on purpose, and the process has other work.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { hash, truncates } from 'bcryptjs';

/** About a third of a second per try. */
const cost = 12;

/** Whether it is longer than the 72 bytes that bcrypt uses. */
export const isTooLong = truncates;

export async function hashPassword(password: string): Promise<string> {
  return await hash(password, cost);
}

const bcrypt = pathToFileURL(createRequire(import.meta.url).resolve('bcryptjs')).href;

/** Nothing from outside is part of the thread's code: the input is passed as data. */
const text = `
const { parentPort, workerData: { bcrypt, given, hash } } = require('node:worker_threads');
import(bcrypt).then((it) => parentPort.postMessage(it.default.compareSync(given, hash)));`;

export async function matchesHash(given: string, hash: string): Promise<boolean> {
  const worker = new Worker(text, { eval: true, workerData: { bcrypt, given, hash }, execArgv: [], env: {} });
  worker.unref();
  try {
    return await new Promise<boolean>((resolve, reject) => {
      worker.once('message', (isRight: boolean) => resolve(isRight));
      worker.once('error', reject);
    });
  } finally {
    void worker.terminate();
  }
}
