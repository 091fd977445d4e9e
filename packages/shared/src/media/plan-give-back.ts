/**
 * plan-give-back.ts: whose parts are discarded when no unfinished file has enough space to continue? First those of media that are no
 * longer wanted, then the youngest. So no set of part files can block an archive, and the download nearest to completion finishes
 * first. Pure.
 */
import type { FileOf, UnfinishedSize, Waiting } from '../store/index.js';

export interface Unfinished extends UnfinishedSize {
  media: FileOf;
  isWanted: boolean;
}

/**
 * Frees space for one of the waiting downloads or, if none could check because the disk has less free than it must keep, for one whose
 * parts are on disk. `spare`: bytes already free for downloads. Discards nothing if that would not be enough.
 */
export function planGiveBack(found: readonly Unfinished[], spare: number, waiting: readonly Waiting[]): FileOf[] {
  const next = leastOf(waiting) ?? leastOf(found.filter((it) => it.isWanted).map(asWaiting));
  if (!next) return [];
  const others = found.filter((it) => it.media.kind !== next.media.kind || it.media.id !== next.media.id);
  const given: FileOf[] = [];
  let free = spare;
  for (const it of others.sort(givenBackFirst)) {
    if (free >= next.needs) break;
    given.push(it.media);
    free += it.bytes;
  }
  return free < next.needs ? [] : given;
}

/** Downloads that have begun come before those that have not. */
function leastOf(waiting: readonly Waiting[]): Waiting | undefined {
  return [...waiting].sort((a, b) => Number(b.hasParts) - Number(a.hasParts) || a.needs - b.needs)[0];
}

function asWaiting({ media, left }: Unfinished): Waiting {
  return { media, needs: left, hasParts: true };
}

function givenBackFirst(a: Unfinished, b: Unfinished): number {
  return Number(a.isWanted) - Number(b.isWanted) || b.begunAt - a.begunAt;
}
