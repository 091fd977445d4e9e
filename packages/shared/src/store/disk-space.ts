/**
 * disk-space.ts: keeps min_free_space free on the disks of /temp and /media, and notices when a disk refuses everything: downloads then wait,
 * and resume by themselves. A file that would not fit is not started; what is on disk stays.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import prettyBytes from 'pretty-bytes';
import { RetryAfterError } from '../errors/index.js';
import { probePrefix } from './chat-links.js';
import { type FileOf, incomingFolder } from './layout.js';
import { createPlain, hasPlainFolder } from './plain.js';
import { DiskBudget, freeBytes, nameDisks, NoSpaceError, type ReservationLedger } from './disk-budget.js';
import { diskTrouble, isOfWholeDisk } from './disk-errors.js';

/** A download that found too little space. */
export interface Waiting {
  media: FileOf;
  /** Bytes needed on the disk of /temp. */
  needs: number;
  /** It has started before, and resumes. */
  hasParts: boolean;
}

export interface DiskSpaceOptions {
  ledger: ReservationLedger;
  /** Discards parts so that one of the waiting downloads can continue. `spare`: bytes already free for downloads. */
  giveBack: (spare: number, waiting: readonly Waiting[]) => Promise<void>;
  temp: string;
  media: string;
  /** A complete file gets into /media by a rename, so it needs no space of its own there. */
  takesByRename: boolean;
  /** Bytes. */
  minFree: () => number;
}

const pollMs = 1000;
/** When a job that waits for space is retried. */
const waitMs = 3000;
/** Spreads the retries, so that two downloads that blocked each other do not come back together. */
const apartMs = 1000;
/** A refused job is retried within this time, so after it every download that could continue has had its chance. */
const stuckMs = 2 * (waitMs + apartMs);
/** How long a refusal holds downloads back although a small probe succeeds (a quota, for example). */
const recentMs = 5000;

/** Space reserved for a download until its file is in /media. */
export interface Reservation {
  wrote: (bytes: number) => void;
  end: () => void;
}

/** The space for downloads of this worker on both disks. */
export class DiskSpace {
  private readonly timers: NodeJS.Timeout[];
  private looking: Promise<void> | undefined;
  /** A disk that refuses everything, until a probe succeeds. */
  private refusal: string | undefined;
  private recent: { until: number; reason: string } | undefined;
  private low: string | undefined;
  /** Downloads that found too little space when they last checked. */
  private readonly waiting = new Map<string, Waiting & { until: number; folder: string }>();
  /** Since when no download has been able to continue for lack of space in /temp. */
  private stuckSince: number | undefined;
  private reported: string | undefined;
  private onChange: (problem: string | undefined) => void = () => {};

  private constructor(
    private readonly options: DiskSpaceOptions,
    private readonly temp: DiskBudget,
    private readonly media: DiskBudget,
  ) {
    this.timers = [
      setInterval(() => void this.poll().catch(() => {}), pollMs), // the database is unreachable: the next poll retries
      setInterval(() => void this.renew().catch(() => {}), options.ledger.renewalMs),
    ];
  }

  static async open(options: DiskSpaceOptions): Promise<DiskSpace> {
    const { ledger, minFree } = options;
    const [worker, names] = [randomUUID(), await nameDisks(options.temp, options.media)];
    const isOneDisk = names.media === names.temp;
    const inTemp = isOneDisk ? [options.temp, options.media] : [options.temp];
    const temp = new DiskBudget(ledger, worker, names.temp, inTemp, minFree);
    const media = isOneDisk ? temp : new DiskBudget(ledger, worker, names.media, [options.media], minFree);
    const diskSpace = new DiskSpace(options, temp, media);
    await diskSpace.poll();
    return diskSpace;
  }

  /** Why all downloads are waiting at the moment. */
  get problem(): string | undefined {
    const recent = this.recent && performance.now() < this.recent.until ? this.recent.reason : undefined;
    return this.refusal ?? this.low ?? recent;
  }

  /** Why no download continues, although a smaller file could start. */
  private get stuck(): string | undefined {
    const [first] = this.waiting.values();
    return this.stuckSince === undefined || !first
      ? undefined
      : `${first.folder} has too little space to finish any download`;
  }

  /** Calls `onChange` with the problem, now and whenever it changes; undefined once there is none. */
  watch(onChange: (problem: string | undefined) => void): void {
    this.reported = undefined;
    this.onChange = onChange;
    this.report();
  }

  /** Throws while downloads have to wait. */
  check = (): void => {
    if (this.problem !== undefined) throw new RetryAfterError(waitMs, this.problem);
  };

  /** Admits a download of `size` bytes, of which `left` are still to be written to /temp, if it fits. */
  async admit(media: FileOf, left: number, size: number): Promise<Reservation> {
    return await this.reserve(media, left, this.options.takesByRename ? 0 : size, left < size);
  }

  /** Admits a small file, which is written straight into /media, if it fits. */
  async admitSmall(media: FileOf, size: number): Promise<Reservation> {
    return await this.reserve(media, 0, size, false);
  }

  /** `inTemp` bytes go to /temp and may be written little by little, `inMedia` bytes to /media. */
  private async reserve(media: FileOf, inTemp: number, inMedia: number, hasParts: boolean): Promise<Reservation> {
    this.check();
    const isOneDisk = this.temp === this.media;
    const [first, second] = isOneDisk ? [inTemp + inMedia, 0] : [inTemp, inMedia];
    const key = `${media.kind} ${media.id}`;
    try {
      await this.takeAll([first, second]);
    } catch (error) {
      if (!(error instanceof NoSpaceError)) throw error;
      const until = performance.now() + stuckMs;
      this.waiting.set(key, { media, needs: first, hasParts, until, folder: error.folder });
      throw new RetryAfterError(waitMs + Math.random() * apartMs, error.message);
    }
    this.waiting.delete(key);
    this.stuckSince = undefined;
    let unwritten = inTemp;
    return {
      wrote: (bytes) => {
        unwritten -= bytes;
        this.temp.give(bytes);
      },
      end: () => {
        this.temp.give(unwritten);
        this.media.give(inMedia);
      },
    };
  }

  /** What a disk error means for a job: a retry if space is short or the disk itself has failed, otherwise nothing. */
  async meaningOf(error: unknown): Promise<RetryAfterError | undefined> {
    if (diskTrouble(error) === undefined) return undefined;
    await this.probe();
    if (this.refusal === undefined && isOfWholeDisk(error)) {
      const reason = refused(error, this.folderOf(error))!;
      this.recent = { until: performance.now() + recentMs, reason };
    }
    this.report();
    return this.problem === undefined ? undefined : new RetryAfterError(waitMs, this.problem);
  }

  async close(): Promise<void> {
    this.timers.forEach(clearInterval);
    await this.looking?.catch(() => {});
    for (const it of new Set([this.temp, this.media])) await it.end().catch(() => {}); // it expires by itself
  }

  private async takeAll([inTemp, inMedia]: readonly [number, number]): Promise<void> {
    if (inTemp > 0) await this.temp.take(inTemp);
    try {
      if (inMedia > 0) await this.media.take(inMedia);
    } catch (error) {
      this.temp.give(inTemp);
      throw error;
    }
  }

  private async renew(): Promise<void> {
    for (const it of new Set([this.temp, this.media])) await it.renew();
  }

  private folderOf(error: unknown): string {
    const { path, dest } = error as NodeJS.ErrnoException & { dest?: string };
    return (dest ?? path)?.startsWith(this.options.media) ? this.options.media : this.options.temp;
  }

  private async poll(): Promise<void> {
    this.looking ??= (async () => {
      if (this.refusal !== undefined) await this.probe();
      const { temp, media } = this.options;
      const lowTemp = await this.lowOn(temp);
      this.low = lowTemp ?? (await this.lowOn(media));
      this.report();
      if (this.refusal === undefined) await this.unlock(lowTemp !== undefined);
    })().finally(() => (this.looking = undefined));
    await this.looking;
  }

  /**
   * When no download continues for lack of space in /temp, the space is held by parts of the downloads that wait for it: the youngest
   * are discarded until the one with the least left to download fits.
   */
  private async unlock(isLow: boolean): Promise<void> {
    const now = performance.now();
    for (const [key, { until }] of this.waiting) if (until < now) this.waiting.delete(key);
    const isStuck = (isLow || this.waiting.size > 0) && !(await this.temp.isUsed());
    this.stuckSince = isStuck ? (this.stuckSince ?? now) : undefined;
    this.report();
    if (this.stuckSince === undefined || now - this.stuckSince < stuckMs) return;
    const { ledger, giveBack } = this.options;
    await ledger.alone(this.temp.disk, async () => await giveBack(await this.temp.spare(), [...this.waiting.values()]));
    this.stuckSince = now;
  }

  private async lowOn(folder: string): Promise<string | undefined> {
    const wanted = this.options.minFree();
    const free = await freeBytes(folder).catch(() => Infinity); // the next write there reports why
    if (free >= wanted) return undefined;
    const [has, minimum] = [prettyBytes(free, { binary: true }), prettyBytes(wanted, { binary: true })];
    return `${folder} has ${has} free, less than download.min_free_space (${minimum}); downloads wait for more space`;
  }

  /** Writes a little to both disks. */
  private async probe(): Promise<void> {
    const { temp, media } = this.options;
    const incoming = join(media, incomingFolder);
    const isThere = await hasPlainFolder(incoming).catch(() => false); // through a link the probe would land elsewhere
    this.refusal = (await refusalOf(temp, temp)) ?? (isThere ? await refusalOf(incoming, media) : undefined);
  }

  private report(): void {
    const reason = this.problem ?? this.stuck;
    if (reason === this.reported) return;
    this.reported = reason;
    this.onChange(this.reported);
  }
}

/** Worded so that it stays the same as long as the trouble does. */
function refused(error: unknown, disk: string): string | undefined {
  const reason = diskTrouble(error, disk);
  return reason === undefined ? undefined : `downloads wait: ${reason}`;
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
