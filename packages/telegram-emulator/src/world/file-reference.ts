/**
 * file-reference.ts: the short-lived right to download a file, issued again with every answer that contains the media.
 * A reference is 17 bytes: version, epoch, time of issue, and a checksum that ties them to one file of one world.
 */
import type { Media } from './media-file.js';
import { hashText } from './random.js';

/** The validity of a reference. */
export type ReferenceState = 'valid' | 'empty' | 'invalid' | 'expired' | 'moved';

/** Issues and checks file references. */
export class FileReferences {
  #epoch = 0;

  constructor(
    private readonly secret: string,
    private readonly now: () => number,
    private readonly lifetime: number | undefined,
  ) {}

  /** Expires every reference issued so far, for these files or for all. */
  expire(files?: Iterable<Media>): void {
    if (!files) this.#epoch += 1;
    else for (const file of files) file.referenceEpoch += 1;
  }

  /** Invalidates every reference to this file issued so far, because the file has moved. */
  move(file: Media): void {
    file.referenceEpoch += 1;
    file.movedAtEpoch = this.#epoch + file.referenceEpoch;
  }

  /** Issues a reference. */
  issue(media: Media): Uint8Array {
    const reference = Buffer.alloc(17);
    reference[0] = 1;
    reference.writeUInt32BE(this.#epoch + media.referenceEpoch, 1);
    reference.writeUInt32BE(this.now(), 5);
    reference.writeBigUInt64BE(this.#check(media, reference.subarray(0, 9)), 9);
    return reference;
  }

  /** Checks a reference sent by a client. */
  judge(media: Media, sent: Uint8Array): ReferenceState {
    const reference = Buffer.from(sent);
    if (reference.length === 0) return 'empty';
    if (reference.length !== 17 || reference[0] !== 1) return 'invalid';
    if (reference.readBigUInt64BE(9) !== this.#check(media, reference.subarray(0, 9))) return 'invalid';
    if (reference.readUInt32BE(1) < media.movedAtEpoch) return 'moved';
    if (reference.readUInt32BE(1) !== this.#epoch + media.referenceEpoch) return 'expired';
    if (this.lifetime !== undefined && this.now() - reference.readUInt32BE(5) >= this.lifetime) return 'expired';
    return 'valid';
  }

  #check(media: Media, head: Buffer): bigint {
    return hashText(`${this.secret}/${media.kind}/${media.id}/${head.toString('hex')}`);
  }
}
