/**
 * checked-read.ts: reads bytes of a file and checks them against Telegram's hashes before anybody gets them. Wrong bytes are requested
 * again a few times, and never passed on.
 */
import { type FileHash, matches, type Range, requestsFor } from './hashes.js';

/** The bytes sent are not the file's. */
export class WrongBytesError extends Error {
  override name = 'WrongBytesError';
}

/** Where bytes come from. */
export interface Source {
  /** The source's name, for people. */
  name: string;
  /** The answer to one request: `limit` bytes, fewer at the end of the file. */
  ask(request: { offset: number; limit: number }): Promise<Uint8Array>;
  /** The hashes that a range must match; each covers at least one byte of the range. */
  hashes(range: Range): Promise<readonly FileHash[]>;
  /** Called for every wrong answer. */
  onWrong(range: Range): void;
}

/** How often the same bytes are requested. */
const tries = 3;

export async function checkedRead(source: Source, range: Range): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    const [bytes, hashes] = await Promise.all([read(source, range), source.hashes(range)]);
    const right = await Promise.all(hashes.map((it) => isRight(source, range, bytes, it)));
    if (right.every(Boolean)) return bytes;
    source.onWrong(range);
    if (attempt === tries)
      throw new WrongBytesError(`${source.name} sent wrong bytes ${tries} times at byte ${range.from}`);
  }
}

/** A hash may cover bytes outside the range, too: these are fetched only for it. */
async function isRight(source: Source, range: Range, bytes: Uint8Array, hash: FileHash): Promise<boolean> {
  const before = hash.from < range.from ? await read(source, { from: hash.from, to: range.from }) : undefined;
  const behind = hash.to > range.to ? await read(source, { from: range.to, to: hash.to }) : undefined;
  const inside = bytes.subarray(Math.max(0, hash.from - range.from), Math.max(0, hash.to - range.from));
  return matches(
    hash,
    [before, inside, behind].filter((it) => it !== undefined),
  );
}

/** The bytes of a range; fewer if an answer was short. */
async function read(source: Source, range: Range): Promise<Uint8Array> {
  const requests = requestsFor(range);
  const answers = await Promise.all(requests.map((it) => source.ask(it)));
  const pieces: Uint8Array[] = [];
  for (const [index, { offset, limit }] of requests.entries()) {
    const wanted = Math.min(limit, range.to - offset);
    const answer = answers[index]!;
    pieces.push(answer.subarray(Math.max(0, range.from - offset), wanted));
    if (answer.length < wanted) break; // anything after it would be at the wrong offset
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
