/**
 * full.ts: the full transport: length, sequence number, payload, CRC32.
 * Both sides count their packets per connection from 0; a wrong number or checksum ends it.
 */
import { crc32 } from 'node:zlib';
import { type Codec, type Packet, TransportError, checkLength, sizeOf } from './codec.js';

export class FullCodec implements Codec {
  readonly name = 'full';
  #received = 0;
  #sent = 0;

  decode(bytes: Buffer, at: number): Packet | undefined {
    if (bytes.length - at < 4) return undefined;
    const length = bytes.readUInt32LE(at);
    checkLength(length);
    if (length < 16) throw new TransportError(`a full packet of ${length} bytes`);
    const end = at + length;
    if (bytes.length < end) return undefined;
    const number = bytes.readInt32LE(at + 4);
    if (number !== this.#received) throw new TransportError(`packet ${number} instead of ${this.#received}`);
    if (crc32(bytes.subarray(at, end - 4)) !== bytes.readUInt32LE(end - 4)) throw new TransportError('wrong checksum');
    this.#received++;
    return { payload: bytes.subarray(at + 8, end - 4), end };
  }

  encode(parts: readonly Buffer[]): Buffer[] {
    const head = Buffer.allocUnsafe(8);
    head.writeUInt32LE(sizeOf(parts) + 12, 0);
    head.writeInt32LE(this.#sent++, 4);
    const tail = Buffer.allocUnsafe(4);
    tail.writeUInt32LE(
      parts.reduce((crc, part) => crc32(part, crc), crc32(head)),
      0,
    );
    return [head, ...parts, tail];
  }
}
