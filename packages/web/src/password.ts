/**
 * password.ts: a password as its bcrypt hash, made and compared. Comparing has a thread of its own: it takes long on purpose, and the process
 * has other work.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { hash, truncates } from 'bcryptjs';

/** About a third of a second for each try. */
const cost = 12;

/** Whether bcrypt would look at the first 72 bytes only. */
export const isTooLong = truncates;

export async function hashPassword(password: string): Promise<string> {
  return await hash(password, cost);
}

const bcrypt = pathToFileURL(createRequire(import.meta.url).resolve('bcryptjs')).href;

/** In the text of the thread nothing comes from outside: what is compared goes in as data. */
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
