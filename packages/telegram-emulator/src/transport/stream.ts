/**
 * stream.ts: detects a connection's transport from its first bytes, splits the stream into packets, and turns packets into a stream.
 * All but full announce themselves by a tag. A stream with an unknown beginning is obfuscated, with the tag inside.
 */
import { AbridgedCodec } from './abridged.js';
import { type Codec, TransportError } from './codec.js';
import { FullCodec } from './full.js';
import { IntermediateCodec } from './intermediate.js';
import { INIT_LENGTH, Obfuscation } from './obfuscation.js';
import { PaddedIntermediateCodec } from './padded-intermediate.js';

const [ABRIDGED, INTERMEDIATE, PADDED] = [0xefefefef, 0xeeeeeeee, 0xdddddddd];
/** HTTP's verbs and the beginning of TLS, which an obfuscated stream must not start with. */
const OTHERS = new Set([0x44414548, 0x54534f50, 0x20544547, 0x4954504f, 0x02010316]);

const none = Buffer.alloc(0);

/** One connection's stream, in both directions. */
export class PacketStream {
  #pending: Buffer = none;
  /** Free space directly after the pending bytes, in the same memory. */
  #free: Buffer = none;
  #codec: Codec | undefined;
  #obfuscation: Obfuscation | undefined;

  /** Known once the first bytes have arrived. */
  get codec(): Codec | undefined {
    return this.#codec;
  }

  /** Takes the next chunk and yields the packets that are now complete. */
  *push(chunk: Buffer): Generator<Buffer> {
    const clear = this.#obfuscation?.decrypt(chunk) ?? chunk;
    let bytes = this.#joined(clear);
    let at = 0;
    if (!this.#codec) {
      const rest = this.#begin(bytes);
      if (!rest) {
        this.#pending = bytes;
        return;
      }
      bytes = rest;
      this.#free = none; // it may belong to other memory
    }
    for (let packet; (packet = this.#codec!.decode(bytes, at));) {
      at = packet.end;
      yield packet.payload;
    }
    this.#pending = bytes.subarray(at);
  }

  /** Pending plus new bytes. Memory grows by at least half, so that a long packet in short chunks is not copied over and over. */
  #joined(chunk: Buffer): Buffer {
    const pending = this.#pending;
    if (pending.length === 0) {
      this.#free = none;
      return chunk;
    }
    const length = pending.length + chunk.length;
    if (chunk.length > this.#free.length) {
      const grown = Buffer.allocUnsafeSlow(Math.ceil(length * 1.5));
      pending.copy(grown);
      this.#free = grown.subarray(pending.length);
    }
    chunk.copy(this.#free);
    const { buffer, byteOffset } = this.#free;
    this.#free = this.#free.subarray(chunk.length);
    return Buffer.from(buffer, byteOffset - pending.length, length);
  }

  /** Wraps the parts of a packet for the client. Nothing can be sent before the client's transport is known. */
  encode(parts: readonly Buffer[]): Buffer[] {
    const [packet, obfuscation] = [this.#codec?.encode(parts) ?? [], this.#obfuscation];
    return obfuscation ? packet.map((it) => obfuscation.encrypt(it)) : packet;
  }

  /** Chooses the codec and returns the bytes after the announcement; undefined while there are too few bytes to tell. */
  #begin(bytes: Buffer): Buffer | undefined {
    if (bytes[0] === 0xef) {
      this.#codec = new AbridgedCodec();
      return bytes.subarray(1);
    }
    if (bytes.length < 4) return undefined;
    const tag = bytes.readUInt32LE(0);
    if (OTHERS.has(tag)) throw new TransportError('HTTP and TLS are not supported');
    if (tag === INTERMEDIATE || tag === PADDED) {
      this.#codec = codecOf(tag);
      return bytes.subarray(4);
    }
    if (bytes.length < 8) return undefined;
    if (bytes.readUInt32LE(4) === 0) {
      this.#codec = new FullCodec(); // these bytes are the number of its first packet
      return bytes;
    }
    if (bytes.length < INIT_LENGTH) return undefined;
    this.#obfuscation = new Obfuscation(bytes.subarray(0, INIT_LENGTH));
    this.#codec = codecOf(this.#obfuscation.tag);
    return this.#obfuscation.decrypt(bytes.subarray(INIT_LENGTH));
  }
}

function codecOf(tag: number): Codec {
  if (tag === ABRIDGED) return new AbridgedCodec();
  if (tag === INTERMEDIATE) return new IntermediateCodec();
  if (tag === PADDED) return new PaddedIntermediateCodec();
  throw new TransportError(`unknown transport tag ${tag.toString(16)}`);
}
