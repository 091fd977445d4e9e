/** measure-unfinished.ts: how much space an unfinished download takes, and how much of it is missing. */
import { unfinishedIn } from './adopt-parts.js';
import type { FileOf } from './layout.js';
import { readRecord } from './part-record.js';
import { partAt } from './parts.js';
import { inspectPath } from './plain.js';
import type { UnfinishedPaths } from './unfinished.js';

export interface UnfinishedSize {
  /** Bytes that removing it would free. */
  bytes: number;
  /** Bytes still to be downloaded. */
  left: number;
  begunAt: number;
}

/** Usually one folder; several if an owner was late, and then the next one continues with the one that has the most parts. */
export interface UnfinishedMedia {
  media: FileOf;
  paths: UnfinishedPaths[];
}

/** Every media with parts in /temp, whoever owns them. */
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

/** The size of an unfinished download of `size` bytes; undefined if nothing is there any more. */
export async function measureUnfinished(
  all: readonly UnfinishedPaths[],
  size: number,
): Promise<UnfinishedSize | undefined> {
  let [isThere, bytes, left, begunAt] = [false, 0, size, Infinity];
  for (const paths of all) {
    const file = await inspectPath(paths.bytes);
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
