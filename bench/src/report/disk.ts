/** disk.ts: how many flushes a second the disk can do, on which everything that must survive a power cut depends. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const probeMs = 1000;

/** Flushes of one written block each, one after the other, for a second. */
export function flushesPerSecond(): number {
  const folder = mkdtempSync(join(tmpdir(), 'tgsync-bench-'));
  const file = openSync(join(folder, 'probe'), 'w');
  const block = Buffer.alloc(4096, 1);
  const began = performance.now();
  let flushes = 0;
  for (; performance.now() - began < probeMs; flushes++) {
    writeSync(file, block, 0, block.length, flushes * block.length);
    fdatasyncSync(file);
  }
  closeSync(file);
  rmSync(folder, { recursive: true });
  return Math.round((flushes * 1000) / (performance.now() - began));
}
