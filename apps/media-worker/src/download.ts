/**
 * download.ts: brings the missing parts of a file, several in flight. A part is asked for again when a connection breaks;
 * what cannot be mended here (a flood wait, an old file reference, a key) ends the run with its meaning, and the parts stay.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionLostError } from '@tgsync/shared/errors';
import { type Files, isOfPlace } from '@tgsync/shared/telegram';
import type { Media } from '@tgsync/shared/db';
import { type Part, type PartFile, partSize } from '@tgsync/shared/store';

const partsInFlight = 8;
/** Broken connections in a row, without any part in between, or refusals of one part, after which the attempt fails. */
const patience = 5;

export interface DownloadOptions {
  signal: AbortSignal;
  onBytes: (bytes: number) => void;
  /** Throws when no further part shall be brought now. */
  beforePart: () => void;
}

/** Returns when every part is written. */
export async function downloadParts(
  files: Pick<Files, 'file'>,
  media: Media,
  file: PartFile,
  options: DownloadOptions,
): Promise<void> {
  const queue = file.missing(); // of all lanes: what one takes no other gets
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  setMaxListeners(0, signal); // every part in flight listens
  const remote = files.file(media, signal);
  let breaks = 0;
  let lastBreak: unknown;

  const bring = async (part: Part): Promise<void> => {
    for (let refusals = 0; ;) {
      try {
        options.beforePart();
        const bytes = await remote.read(part.offset, partSize);
        await file.write(part, bytes);
        breaks = 0;
        options.onBytes(bytes.length);
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
  const lane = async (): Promise<void> => {
    for (const part of queue) await bring(part);
  };
  const lanes = Array.from({ length: partsInFlight }, () =>
    lane().catch((error: unknown) => {
      failed.abort(error); // one reason ends all lanes; the first one counts
      throw error;
    }),
  );
  const results = await Promise.allSettled(lanes);
  if (results.some((it) => it.status === 'rejected'))
    throw options.signal.aborted ? options.signal.reason : failed.signal.reason;
}
