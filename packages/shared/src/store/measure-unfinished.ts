/** measure-unfinished.ts: how much room an unfinished download takes, and how far it is from its end. */
import { unfinishedIn } from './adopt-parts.js';
import type { FileOf } from './layout.js';
import { readRecord } from './part-record.js';
import { partAt } from './parts.js';
import { lookAtPlain } from './plain.js';
import type { UnfinishedPaths } from './unfinished.js';

export interface UnfinishedSize {
  /** Bytes that the disk gets back. */
  bytes: number;
  /** Bytes that are missing. */
  left: number;
  begunAt: number;
}

/** Usually one folder; several, when an owner was late: the next one goes on with that of the most parts. */
export interface UnfinishedMedia {
  media: FileOf;
  paths: UnfinishedPaths[];
}

/** Each media of which parts are in /temp, whoever has it. */
export async function unfinishedMediaIn(temp: string): Promise<UnfinishedMedia[]> {
  const found = new Map<string, UnfinishedMedia>();
  for (const { owner, paths } of await unfinishedIn(temp)) {
    const key = `${owner.kind}-${owner.id}`;
    const before = found.get(key);
    if (before) before.paths.push(paths);
    else found.set(key, { media: owner, paths: [paths] });
  }
  return [...found.values()];
}

/** Of a file of `size` bytes; undefined: nothing is there any more. */
export async function measureUnfinished(
  all: readonly UnfinishedPaths[],
  size: number,
): Promise<UnfinishedSize | undefined> {
  let [isThere, bytes, left, begunAt] = [false, 0, size, Infinity];
  for (const paths of all) {
    const file = await lookAtPlain(paths.bytes);
    if (!file?.isFile()) continue;
    let missing = size;
    for (const index of (await readRecord(paths.record, size)).keys()) missing -= partAt(size, index).length;
    isThere = true;
    bytes += file.blocks * 512;
    left = Math.min(left, missing);
    begunAt = Math.min(begunAt, file.birthtimeMs);
  }
  return isThere ? { bytes, left, begunAt } : undefined;
}
