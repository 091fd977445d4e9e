/**
 * download.ts: downloads the missing parts of a file, several in flight. A part is retried when a connection breaks. Anything that cannot
 * be fixed here (a flood wait, an expired file reference, a missing key) ends the run with its own error, and the parts stay.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionLostError } from '@tgsync/shared/errors';
import { type Files, isOfPlace } from '@tgsync/shared/telegram';
import type { Media } from '@tgsync/shared/db';
import { type Part, type PartFile, partSize } from '@tgsync/shared/store';

/** Parts of one file at once: enough to fill a long line; the connections decide how many calls are made. */
const partsInFlight = 16;
/** Broken connections in a row, with no part in between, or refusals of one part, after which the attempt fails. */
const patience = 5;

/** Why what is left of a file is not read. Given once, as the usual reason takes a stack trace for every file. */
const notRead = new Error('the file is not read any more');

export interface DownloadOptions {
  signal: AbortSignal;
  onBytes: (bytes: number) => void;
  /** Throws if no further part may be downloaded now. */
  beforePart: () => void;
}

/** Returns when every part is written. */
export async function downloadParts(
  files: Pick<Files, 'file'>,
  media: Media,
  file: Pick<PartFile, 'missing' | 'write'>,
  options: DownloadOptions,
): Promise<void> {
  const queue = file.missing(); // shared by all lanes: each part goes to one of them
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  setMaxListeners(0, signal); // every part in flight listens
  const remote = files.file(media, signal);
  let breaks = 0;
  let lastBreak: unknown;

  const fetchPart = async (part: Part): Promise<void> => {
    for (let refusals = 0; ;) {
      try {
        options.beforePart();
        await file.write(part, await remote.read(part.offset, partSize));
        breaks = 0;
        options.onBytes(part.length);
        return;
      } catch (error) {
        if (!isOfPlace(error)) throw error;
        if (!(error instanceof ConnectionLostError)) refusals++;
        else if (error !== lastBreak) breaks++; // all parts in flight over a connection get the same error
        lastBreak = error;
        const tries = Math.max(breaks, refusals);
        if (tries > patience) throw error;
        await sleep(200 * tries, undefined, { signal });
      }
    }
  };
  const lane = async (first: Part): Promise<void> => {
    await fetchPart(first);
    for (const part of queue) await fetchPart(part);
  };
  const lanes: Promise<void>[] = [];
  while (lanes.length < partsInFlight) {
    const next = queue.next();
    if (next.done) break;
    const running = lane(next.value).catch((error: unknown) => {
      failed.abort(error); // the first error ends all lanes
      throw error;
    });
    lanes.push(running);
  }
  const results = await Promise.allSettled(lanes);
  const error: unknown = options.signal.aborted ? options.signal.reason : failed.signal.reason;
  failed.abort(notRead);
  if (results.some((it) => it.status === 'rejected')) throw error;
}
