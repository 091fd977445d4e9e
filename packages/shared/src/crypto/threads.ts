/**
 * threads.ts: work for other cores: large messages are decrypted, and files hashed, beside everything else. Threads start with the first
 * such work, so that an idle process has none; on a single core there are none at all.
 */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ciphers } from './ciphers.js';
import { openMessage } from './message.js';
import type { Answer, Bytes, Result, Task, Work } from './thread.js';

const cores = availableParallelism();
/** A core is left for everything else, unless decryption is most of the work: then it takes turns on that, too. */
const most = () => (cores === 1 ? 0 : Math.min(4, ciphers().ige.name === 'native' ? cores - 1 : cores));
/** Handing over less than this costs more than it saves. */
export const largeBytes = 64 * 1024;
/** A thread needs little memory, and must not keep garbage. */
const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

/** As it was built, seen from the sources as from the build. */
const program = new URL('../../dist/crypto/thread.js', import.meta.url);

const threads: Thread[] = [];

/**
 * Decrypts a message of the server as `openMessage` does. Nobody may use its memory afterwards. Throws if a thread ended.
 */
export async function openAside(authKey: Uint8Array, message: Uint8Array): Promise<Uint8Array | undefined> {
  if (!isHandedOver(message)) return openMessage(ciphers().ige, authKey, message);
  // A key is often a view of something larger, all of which would be copied.
  return (await leastBusy().run({ authKey: Uint8Array.from(authKey), message }, message)) as Bytes | undefined;
}

/** The SHA-256 of a file whose bytes come one after the other. */
export class FileHash {
  private static files = 0;
  private readonly file = FileHash.files++;
  private readonly local = createHash('sha256');
  private thread: Thread | undefined;
  private started = false;

  /** Adds bytes, whose memory nobody may use afterwards; resolves once they are hashed. Throws if a thread ended. */
  async add(bytes: Uint8Array): Promise<void> {
    if (!this.started && isHandedOver(bytes)) this.thread = leastBusy();
    this.started = true;
    if (!this.thread) return void this.local.update(bytes);
    const own = isHandedOver(bytes) ? bytes : Uint8Array.from(bytes);
    await this.thread.run({ file: this.file, bytes: own }, own);
  }

  /** The hash of all bytes, in hexadecimal digits. Nothing may be added afterwards. */
  async digest(): Promise<string> {
    if (!this.thread) return this.local.digest('hex');
    return (await this.thread.run({ file: this.file, end: 'digest' })) as string;
  }

  /** Ends a hash that nobody wants to know. */
  forget(): void {
    void this.thread?.run({ file: this.file, end: 'forget' }).catch(() => {}); // it ended with its thread
  }
}

/** Whether a thread gets it: it is large, and has memory that nothing else lies in. */
function isHandedOver(bytes: Uint8Array): bytes is Bytes {
  const { buffer, length } = bytes;
  return cores > 1 && length >= largeBytes && buffer instanceof ArrayBuffer && buffer.byteLength < length + 2048;
}

function leastBusy(): Thread {
  const [first] = threads.toSorted((a, b) => a.load - b.load);
  if (first && (first.load === 0 || threads.length >= most())) return first;
  const thread = new Thread(() => threads.splice(threads.indexOf(thread), 1));
  threads.push(thread);
  return thread;
}

interface Waiting {
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
}

class Thread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;
  private failure: Error | undefined;

  constructor(onEnd: () => void) {
    const workerData = ciphers().ige.name;
    this.worker = new Worker(program, { workerData, resourceLimits });
    this.worker.unref(); // whoever waits for an answer keeps the process alive
    this.worker.on('message', ({ id, result }: Answer) => {
      this.waiting.get(id)?.resolve(result);
      this.waiting.delete(id);
    });
    this.worker.on('error', (error: Error) => (this.failure = error));
    this.worker.on('exit', () => {
      onEnd();
      this.failure ??= new Error('a thread ended');
      for (const { reject } of this.waiting.values()) reject(this.failure);
    });
  }

  /** What waits for an answer. */
  get load(): number {
    return this.waiting.size;
  }

  async run(work: Work, handedOver?: Bytes): Promise<Result> {
    if (this.failure) throw this.failure;
    const id = this.next++;
    return await new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      const task: Task = { id, ...work };
      this.worker.postMessage(task, handedOver ? [handedOver.buffer] : []);
    });
  }
}
