/**
 * disk-budget.ts: the room on one disk, shared by all workers that write there. It is reserved first, and looked for then: downloads
 * that begin together count each other, wherever they run.
 */
import { readFile, stat, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import prettyBytes from 'pretty-bytes';

/** What is reserved beyond need where there is plenty: small files then need no statement each. */
const aheadBytes = 64 * 1024 ** 2;

/** Where all workers say how many bytes they will still write on a disk. What is not said again counts no more after a while. */
export interface RoomLedger {
  /** How often what lasts is said again. */
  renewalMs: number;
  /** Returns how many bytes all others will write. */
  reserve: (disk: string, worker: string, bytes: number) => Promise<number>;
  /** Bytes of all others. */
  others: (disk: string, worker: string) => Promise<number>;
  free: (disk: string, worker: string) => Promise<void>;
  /** Does what only one worker may do on a disk at a time, or nothing when another one is at it. */
  alone: (disk: string, work: () => Promise<void>) => Promise<void>;
}

/** Too little room for a download now. */
export class NoRoomError extends Error {
  override name = 'NoRoomError';

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
  /** What the row of this worker says: at least as much. */
  private said = 0;
  private others = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ledger: RoomLedger,
    private readonly worker: string,
    /** The same for all workers that write on it. */
    readonly disk: string,
    /** Those of ours that are on it: each may have a quota of its own. */
    private readonly folders: readonly string[],
    private readonly minFree: () => number,
  ) {}

  /** The folder with the fewest bytes free; Infinity where the file system does not tell. */
  private async tightest(): Promise<{ folder: string; free: number }> {
    const all = await Promise.all(this.folders.map(async (folder) => ({ folder, free: await freeBytes(folder) })));
    return all.reduce((least, it) => (it.free < least.free ? it : least));
  }

  /** Bytes that are free beyond what is reserved and what must stay free; may be negative. */
  async spare(): Promise<number> {
    return (await this.tightest()).free - this.others - this.mine - this.minFree();
  }

  /** Reserves room for a download; throws {@link NoRoomError}. What was written, and what is not needed any more, is given back. */
  async take(bytes: number): Promise<void> {
    const mine = this.turn.then(() => this.takeNow(bytes));
    this.turn = mine.catch(() => {});
    await mine;
  }

  give(bytes: number): void {
    this.mine = Math.max(0, this.mine - bytes);
  }

  /** Says what is reserved now, so that it counts on and what was given back does not. */
  async renew(): Promise<void> {
    const mine = this.turn.then(async () => {
      if (this.mine > 0) await this.say(this.mine);
      else if (this.said > 0) await this.end();
    });
    this.turn = mine.catch(() => {});
    await mine;
  }

  /** Whether a download of any worker has room here now. */
  async isUsed(): Promise<boolean> {
    if (this.mine > 0) return true;
    this.others = await this.ledger.others(this.disk, this.worker);
    return this.others > 0;
  }

  async end(): Promise<void> {
    await this.ledger.free(this.disk, this.worker);
    this.said = 0;
  }

  private async takeNow(bytes: number): Promise<void> {
    this.mine += bytes;
    try {
      if (this.mine <= this.said ? (await this.spare()) >= 0 : await this.reserve()) return;
      if (bytes === 0) return;
      const { folder, free } = await this.tightest();
      const [needed, has] = [this.others + this.mine, free].map((it) => prettyBytes(it, { binary: true }));
      throw new NoRoomError(
        folder,
        `${folder} has ${has} free, too little for the ${needed} that running downloads and this one need`,
      );
    } catch (error) {
      this.mine -= bytes;
      await this.say(this.mine).catch(() => {}); // at the next renewal, then
      throw error;
    }
  }

  /** Raises what the row says, some way ahead if there is room enough. */
  private async reserve(): Promise<boolean> {
    const ahead = Math.min(aheadBytes, Math.max(0, Math.floor((await this.spare()) / 8)));
    await this.say(this.mine + ahead);
    if ((await this.spare()) - (this.said - this.mine) >= 0) return true;
    await this.say(this.mine);
    return (await this.spare()) >= 0;
  }

  private async say(bytes: number): Promise<void> {
    this.said = bytes;
    this.others = await this.ledger.reserve(this.disk, this.worker, bytes);
  }
}

/** Some network and union file systems know no size: 0 blocks in all. Nobody can say that these are full. */
export async function freeBytes(folder: string): Promise<number> {
  const { blocks, bavail, bsize } = await statfs(folder);
  return blocks === 0 ? Infinity : bavail * bsize;
}

/** What a disk is called among all workers: there is one /media, and /temp is a disk of a machine, unless it is the same. */
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
