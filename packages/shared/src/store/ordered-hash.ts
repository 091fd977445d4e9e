/**
 * ordered-hash.ts: the SHA-256 of a file whose parts arrive in any order, computed while they are in memory, so that a finished file need
 * not be read again. Parts that come early are held until it is their turn, if there are not too many.
 */
import { FileHash } from '../crypto/index.js';

/** Parts that wait for an earlier one; the others are read from the disk later. */
const mostHeld = 16;

export class OrderedHash {
  private readonly hash = new FileHash();
  private readonly held = new Map<number, Uint8Array>();
  private next = 0;
  private draining: Promise<void> | undefined;

  /** `read` reads the bytes of a part from the disk. */
  constructor(
    private readonly count: number,
    private readonly read: (index: number) => Promise<Uint8Array>,
  ) {}

  /** Takes over the bytes of a part, which nobody may use afterwards. */
  async add(index: number, bytes: Uint8Array): Promise<void> {
    if (index !== this.next && this.held.size >= mostHeld) return;
    this.held.set(index, bytes);
    this.draining ??= this.drain().finally(() => (this.draining = undefined));
    await this.draining;
  }

  /** The hash of all parts, in hexadecimal digits. */
  async digest(): Promise<string> {
    await this.draining;
    while (this.next < this.count) {
      if (!this.held.has(this.next)) this.held.set(this.next, await this.read(this.next));
      await this.drain();
    }
    return await this.hash.digest();
  }

  /** Ends it when nobody wants to know the hash any more. */
  forget(): void {
    this.held.clear();
    this.hash.forget();
  }

  private async drain(): Promise<void> {
    for (let bytes; (bytes = this.held.get(this.next)); this.next++) {
      this.held.delete(this.next);
      await this.hash.add(bytes);
    }
  }
}
