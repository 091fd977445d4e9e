/**
 * turns.ts: which file's call is next at a data centre: that of the file with the fewest in flight, so that a small file never waits behind
 * the many calls of a large one. How many files of each size are read at once is limited as Telegram asks its clients (`help.getAppConfig`,
 * core.telegram.org/api/config). Pure.
 */

/** A file being read. */
export interface Reader {
  readonly isLarge: boolean;
}

/** How many small and large files may be read at once from a data centre. */
export interface DownloadLimits {
  small: number;
  large: number;
}

/** From this size on, in bytes, Telegram counts a file as large. */
export const largeFileBytes = 20 * 1024 * 1024;

export class Turns {
  private readonly inFlight = new Map<Reader, number>();

  constructor(private readonly limits: () => DownloadLimits) {}

  /** How many calls are in flight. */
  get count(): number {
    let count = 0;
    for (const it of this.inFlight.values()) count += it;
    return count;
  }

  /** Whether a file's call may be made now: it is being read already, or there is room for another one of its size. */
  mayBegin(reader: Reader): boolean {
    if (this.inFlight.has(reader)) return true;
    const { small, large } = this.limits();
    const alike = [...this.inFlight.keys()].filter((it) => it.isLarge === reader.isLarge).length;
    return alike < (reader.isLarge ? large : small);
  }

  begin(reader: Reader): void {
    this.inFlight.set(reader, (this.inFlight.get(reader) ?? 0) + 1);
  }

  end(reader: Reader): void {
    const left = (this.inFlight.get(reader) ?? 0) - 1;
    if (left > 0) this.inFlight.set(reader, left);
    else this.inFlight.delete(reader);
  }

  /** Waiting calls in the order of their turns. */
  inOrder<T extends { reader: Reader }>(waiting: readonly T[]): T[] {
    return waiting.toSorted((a, b) => (this.inFlight.get(a.reader) ?? 0) - (this.inFlight.get(b.reader) ?? 0));
  }
}
