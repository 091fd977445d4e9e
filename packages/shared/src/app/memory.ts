/** memory.ts: how much memory a process takes for its speed. */
import { setFlagsFromString } from 'node:v8';

/**
 * For processes that leave garbage behind all the time. V8 lets the heap grow to four times what was in use before it looks for garbage
 * again; at half as much again, each search takes a few milliseconds every few seconds, and the process needs up to a third less memory.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50');
}
