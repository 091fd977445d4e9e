/**
 * ordered-hash.ts: the SHA-256 of a file whose parts arrive in any order, computed while they are in memory, so that a finished file need
 * not be read again. Parts that come early are held until it is their turn; too many of them are read from the disk when it comes.
 */
import { FileHash } from '../crypto/index.js';

/** Parts held in memory that wait for an earlier one. */
const mostHeld = 16;

export class OrderedHash {
  private readonly hash = new FileHash();
  private readonly held = new Map<number, Uint8Array>();
  /** Parts that are written, but not held. */
  private readonly onDisk = new Set<number>();
  private next = 0;
  private draining: Promise<void> | undefined;

  /** `read` reads the bytes of a part from the disk. */
  constructor(
    private readonly count: number,
    private readonly read: (index: number) => Promise<Uint8Array>,
  ) {}

  /** Takes over the bytes of a part that is written, which nobody may use afterwards. */
  async add(index: number, bytes: Uint8Array): Promise<void> {
    if (index === this.next || this.held.size < mostHeld) this.held.set(index, bytes);
    else this.onDisk.add(index);
    await this.catchUp();
  }

  /** The hash of all parts, in hexadecimal digits. */
  async digest(): Promise<string> {
    await this.catchUp();
    for (let index = this.next; index < this.count; index++) this.onDisk.add(index);
    await this.catchUp();
    return await this.hash.digest();
  }

  /** Ends it when nobody wants to know the hash any more. */
  forget(): void {
    this.held.clear();
    this.onDisk.clear();
    this.hash.forget();
  }

  private async catchUp(): Promise<void> {
    while (this.draining || this.held.has(this.next) || this.onDisk.has(this.next))
      await (this.draining ??= this.drain().finally(() => (this.draining = undefined)));
  }

  private async drain(): Promise<void> {
    for (let bytes; (bytes = await this.take(this.next)); this.next++) await this.hash.add(bytes);
  }

  /** The bytes of a part; undefined if they are not there yet. */
  private async take(index: number): Promise<Uint8Array | undefined> {
    const bytes = this.held.get(index);
    this.held.delete(index);
    const isOnDisk = this.onDisk.delete(index);
    return bytes ?? (isOnDisk ? await this.read(index) : undefined);
  }
}
