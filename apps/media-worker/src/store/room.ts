/**
 * room.ts: keeps min_free_space free on the disks of /temp and /media, and knows when a disk refuses everything:
 * downloads then wait, and go on by themselves. A file that would not fit is not begun; what is on disk stays.
 */
import { randomUUID } from 'node:crypto';
import { rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { RetryAfterError } from '@tgsync/shared/errors';
import { createPlain, incomingFolder, probePrefix } from '@tgsync/shared/store';
import prettyBytes from 'pretty-bytes';
import { diskTrouble, isOfWholeDisk } from './disk-errors.js';

export interface RoomOptions {
  temp: string;
  media: string;
  /** A whole file gets into /media by a rename: it needs no second room there. */
  takesByRename: boolean;
  /** Bytes. */
  minFree: () => number;
}

const lookMs = 1000;
/** When a job that waits for room looks again. */
const waitMs = 3000;
/** How long a refusal keeps downloads back where a small probe succeeds (a quota, say). */
const recentMs = 5000;

/** Bytes that running downloads will still write. */
interface Reservation {
  temp: number;
  media: number;
}

export class Room {
  private readonly reserved = new Set<Reservation>();
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> | undefined;
  /** A disk that refuses everything, until a probe succeeds. */
  private refusal: string | undefined;
  private recent: { until: number; words: string } | undefined;
  private low: string | undefined;
  private told: string | undefined;
  private onChange: (problem: string | undefined) => void = () => {};

  private constructor(private readonly options: RoomOptions) {
    this.timer = setInterval(() => void this.look(), lookMs);
  }

  static async open(options: RoomOptions): Promise<Room> {
    const room = new Room(options);
    await room.look();
    return room;
  }

  /** Why downloads wait now. */
  get problem(): string | undefined {
    const recent = this.recent && performance.now() < this.recent.until ? this.recent.words : undefined;
    return this.refusal ?? this.low ?? recent;
  }

  /** `onChange` gets what is wrong, now and whenever that changes; undefined: all is well again. */
  watch(onChange: (problem: string | undefined) => void): void {
    this.told = undefined;
    this.onChange = onChange;
    this.tell();
  }

  /** Throws while downloads have to wait. */
  check = (): void => {
    if (this.problem !== undefined) throw new RetryAfterError(waitMs, this.problem);
  };

  /** Lets a download of `size` bytes begin, of which `left` are to be written yet, if they fit; returns what gives the rest back. */
  async admit(left: number, size: number): Promise<{ wrote: (bytes: number) => void; end: () => void }> {
    this.check();
    const { temp, media, takesByRename } = this.options;
    const mine: Reservation = { temp: left, media: takesByRename ? 0 : size };
    await this.refuseUnlessFits(temp, this.sum('temp') + mine.temp);
    if (!takesByRename) await this.refuseUnlessFits(media, this.sum('media') + mine.media);
    this.reserved.add(mine);
    return {
      wrote: (bytes) => void (mine.temp -= bytes),
      end: () => void this.reserved.delete(mine),
    };
  }

  /** What a refusal of the disk means for a job: a wait, when room or the disk itself is wanting; else nothing. */
  async meaningOf(error: unknown): Promise<RetryAfterError | undefined> {
    if (diskTrouble(error) === undefined) return undefined;
    await this.probe();
    if (this.refusal === undefined && isOfWholeDisk(error)) {
      const words = refused(error, this.folderOf(error))!;
      this.recent = { until: performance.now() + recentMs, words };
    }
    this.tell();
    return this.problem === undefined ? undefined : new RetryAfterError(waitMs, this.problem);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private sum(of: keyof Reservation): number {
    return [...this.reserved].reduce((total, it) => total + it[of], 0);
  }

  private async refuseUnlessFits(folder: string, wanted: number): Promise<void> {
    const free = await freeBytes(folder);
    if (wanted === 0 || free - wanted >= this.options.minFree()) return;
    const [needed, has] = [prettyBytes(wanted, { binary: true }), prettyBytes(free, { binary: true })];
    throw new RetryAfterError(
      waitMs,
      `${folder} has ${has} free: too little for ${needed} of running downloads and this one`,
    );
  }

  private folderOf(error: unknown): string {
    const { path, dest } = error as NodeJS.ErrnoException & { dest?: string };
    return (dest ?? path)?.startsWith(this.options.media) ? this.options.media : this.options.temp;
  }

  private async look(): Promise<void> {
    this.looking ??= (async () => {
      if (this.refusal !== undefined) await this.probe();
      const { temp, media } = this.options;
      this.low = (await this.lowOn(temp)) ?? (await this.lowOn(media));
      this.tell();
    })().finally(() => (this.looking = undefined));
    await this.looking;
  }

  private async lowOn(folder: string): Promise<string | undefined> {
    const wanted = this.options.minFree();
    const free = await freeBytes(folder).catch(() => Infinity); // whoever writes there next finds out why
    if (free >= wanted) return undefined;
    const [has, minimum] = [prettyBytes(free, { binary: true }), prettyBytes(wanted, { binary: true })];
    return `${folder} has ${has} free, less than download.min_free_space (${minimum}): downloads wait until there is room`;
  }

  /** Writes a little on both disks. */
  private async probe(): Promise<void> {
    const { temp, media } = this.options;
    this.refusal = (await refusalOf(temp, temp)) ?? (await refusalOf(join(media, incomingFolder), media));
  }

  private tell(): void {
    if (this.problem === this.told) return;
    this.told = this.problem;
    this.onChange(this.told);
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** In words that stay the same as long as the disk's trouble does. */
function refused(error: unknown, disk: string): string | undefined {
  const words = diskTrouble(error, disk);
  return words === undefined ? undefined : `downloads wait: ${words}`;
}

async function refusalOf(folder: string, disk: string): Promise<string | undefined> {
  const path = join(folder, probePrefix + randomUUID());
  try {
    const handle = await createPlain(path);
    try {
      await handle.writeFile('tgsync');
      await handle.sync();
    } finally {
      await handle.close();
    }
    return undefined;
  } catch (error) {
    return refused(error, disk);
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}
