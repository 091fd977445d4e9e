/**
 * disk-budget.ts: the space on one disk, shared by all workers that write to it. It is reserved first and measured afterwards, so that
 * downloads starting together count each other, on whichever machine they run.
 */
import { readFile, stat, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import prettyBytes from 'pretty-bytes';

/** Reserved in advance while there is plenty of space, so that small files need no statement each. */
const aheadBytes = 64 * 1024 ** 2;

/** For how long a measurement counts while there is plenty of space. */
const freshMs = 250;

/** Where all workers record how many bytes they will still write to a disk. A record that is not renewed expires. */
export interface ReservationLedger {
  /** How often a reservation has to be renewed. */
  renewalMs: number;
  /** Records the bytes of this worker; returns how many bytes all others will write. */
  reserve: (disk: string, worker: string, bytes: number) => Promise<number>;
  /** How many bytes all others will write. */
  others: (disk: string, worker: string) => Promise<number>;
  free: (disk: string, worker: string) => Promise<void>;
  /** Runs `work` if no other worker is doing so for this disk; otherwise does nothing. */
  alone: (disk: string, work: () => Promise<void>) => Promise<void>;
}

/** Not enough space for a download at the moment. */
export class NoSpaceError extends Error {
  override name = 'NoSpaceError';

  constructor(
    readonly folder: string,
    message: string,
  ) {
    super(message);
  }
}

export class DiskBudget {
  /** Bytes that downloads of this worker will still write. */
  private mine = 0;
  /** Bytes recorded in the ledger for this worker: at least `mine`. */
  private recorded = 0;
  private others = 0;
  /** Spare bytes when last measured, less what was taken since. */
  private lately = { until: -Infinity, spare: 0 };
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ledger: ReservationLedger,
    private readonly worker: string,
    /** The name of the disk, the same for all workers that write to it. */
    readonly disk: string,
    /** Our folders on this disk: each may have a quota of its own. */
    private readonly folders: readonly string[],
    private readonly minFree: () => number,
  ) {}

  /** The folder with the fewest bytes free; Infinity if the file system does not report it. */
  private async tightest(): Promise<{ folder: string; free: number }> {
    const all = await Promise.all(this.folders.map(async (folder) => ({ folder, free: await freeBytes(folder) })));
    return all.reduce((least, it) => (it.free < least.free ? it : least));
  }

  /** Bytes free beyond what is reserved and what must stay free; may be negative. */
  async spare(): Promise<number> {
    const spare = (await this.tightest()).free - this.others - this.mine - this.minFree();
    this.lately = { until: performance.now() + freshMs, spare };
    return spare;
  }

  /** Whether there was plenty of space a moment ago, also for this many bytes more. */
  private hadPlenty(bytes: number): boolean {
    if (performance.now() > this.lately.until || this.lately.spare - bytes < aheadBytes) return false;
    this.lately.spare -= bytes;
    return true;
  }

  /** Reserves space for a download; throws {@link NoSpaceError}. `give` returns what was written or is no longer needed. */
  async take(bytes: number): Promise<void> {
    const mine = this.turn.then(() => this.takeNow(bytes));
    this.turn = mine.catch(() => {});
    await mine;
  }

  give(bytes: number): void {
    this.mine = Math.max(0, this.mine - bytes);
  }

  /** Renews the reservation, less what was given back. */
  async renew(): Promise<void> {
    const mine = this.turn.then(async () => {
      if (this.mine > 0) await this.record(this.mine);
      else if (this.recorded > 0) await this.end();
    });
    this.turn = mine.catch(() => {});
    await mine;
  }

  /** Whether a download of any worker has space reserved here. */
  async isUsed(): Promise<boolean> {
    if (this.mine > 0) return true;
    this.others = await this.ledger.others(this.disk, this.worker);
    return this.others > 0;
  }

  async end(): Promise<void> {
    await this.ledger.free(this.disk, this.worker);
    this.recorded = 0;
  }

  private async takeNow(bytes: number): Promise<void> {
    this.mine += bytes;
    try {
      if (this.mine <= this.recorded && this.hadPlenty(bytes)) return;
      if (this.mine <= this.recorded ? (await this.spare()) >= 0 : await this.reserve()) return;
      if (bytes === 0) return;
      const { folder, free } = await this.tightest();
      const [needed, has] = [this.others + this.mine, free].map((it) => prettyBytes(it, { binary: true }));
      throw new NoSpaceError(
        folder,
        `${folder} has ${has} free, too little for the ${needed} that running downloads and this one need`,
      );
    } catch (error) {
      this.mine -= bytes;
      await this.record(this.mine).catch(() => {}); // the next renewal corrects it
      throw error;
    }
  }

  /** Raises the recorded reservation, somewhat in advance if there is enough space. */
  private async reserve(): Promise<boolean> {
    const ahead = Math.min(aheadBytes, Math.max(0, Math.floor((await this.spare()) / 8)));
    await this.record(this.mine + ahead);
    if ((await this.spare()) - (this.recorded - this.mine) >= 0) return true;
    await this.record(this.mine);
    return (await this.spare()) >= 0;
  }

  private async record(bytes: number): Promise<void> {
    this.recorded = bytes;
    this.others = await this.ledger.reserve(this.disk, this.worker, bytes);
  }
}

/** Some network and union file systems report a size of 0 blocks. Those are never considered full. */
export async function freeBytes(folder: string): Promise<number> {
  const { blocks, bavail, bsize } = await statfs(folder);
  return blocks === 0 ? Infinity : bavail * bsize;
}

/** Names each disk the same way in all workers: there is one /media, and /temp is a disk of a machine, unless it is on the same disk. */
export async function nameDisks(temp: string, media: string): Promise<{ temp: string; media: string }> {
  const [one, other] = [await stat(temp), await stat(media)];
  return { temp: one.dev === other.dev ? 'media' : `${await machine()} ${one.dev}`, media: 'media' };
}

/** The same in all containers of a machine. */
async function machine(): Promise<string> {
  return await readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (it) => it.trim(),
    () => hostname(),
  );
}
