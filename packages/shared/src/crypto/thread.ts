/** thread.ts: what runs in a thread of threads.ts: decrypts messages and hashes files. Loads nothing but this folder. */
import { createHash, type Hash } from 'node:crypto';
import { MessageChannel, parentPort, workerData } from 'node:worker_threads';
import type { Cipher } from '../config/index.js';
import { chooseIge } from './choose.js';
import type { Ige } from './ige.js';
import { openMessage } from './message.js';

/** Memory of its own, which is handed over. */
export type Bytes = Uint8Array<ArrayBuffer>;

export type Work =
  /** Decrypts a message; answered with its plaintext, or undefined. */
  | { authKey: Uint8Array; message: Bytes }
  /** Adds bytes to the hash of a file, numbered by this thread's owner. */
  | { file: number; bytes: Bytes }
  /** Ends the hash of a file; answered with its SHA-256 in hexadecimal digits, unless it is not wanted any more. */
  | { file: number; end: 'digest' | 'forget' };

export type Result = Bytes | string | undefined;
export type Task = { id: number } & Work;
export interface Answer {
  id: number;
  result: Result;
}

/** What is sent here is freed at once; as garbage, tens of MiB would pile up before the engine collects it. */
const { port1: nowhere } = new MessageChannel();
nowhere.close();

function free({ buffer }: Bytes): void {
  if (buffer.byteLength > 0) nowhere.postMessage(undefined, [buffer]);
}

const hashes = new Map<number, Hash>();
let ige: Ige | undefined;

function done(work: Work): Result {
  if ('message' in work) {
    ige ??= chooseIge(workerData as Cipher).ige;
    const plain = openMessage(ige, work.authKey, work.message) as Bytes | undefined;
    if (plain?.buffer !== work.message.buffer) free(work.message);
    return plain;
  }
  const hash = hashes.get(work.file) ?? createHash('sha256');
  if ('bytes' in work) {
    hashes.set(work.file, hash.update(work.bytes));
    free(work.bytes);
  } else hashes.delete(work.file);
  return 'end' in work && work.end === 'digest' ? hash.digest('hex') : undefined;
}

parentPort!.on('message', ({ id, ...work }: Task) => {
  const result = done(work);
  parentPort!.postMessage({ id, result } satisfies Answer, typeof result === 'object' ? [result.buffer] : []);
});
