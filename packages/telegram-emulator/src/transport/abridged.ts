/**
 * abridged.ts: the abridged transport: the length in words, either in one byte or in 0x7f and three bytes.
 */
import { type Codec, type Packet, TransportError, checkLength, sizeOf } from './codec.js';

export class AbridgedCodec implements Codec {
  readonly name = 'abridged';

  decode(bytes: Buffer, at: number): Packet | undefined {
    if (bytes.length - at < 1) return undefined;
    const first = bytes[at]!;
    if (first > 0x7f) throw new TransportError('quick acknowledgements are not supported');
    if (first === 0x7f && bytes.length - at < 4) return undefined;
    const header = first === 0x7f ? 4 : 1;
    const length = (first === 0x7f ? bytes.readUIntLE(at + 1, 3) : first) * 4;
    checkLength(length);
    const end = at + header + length;
    return bytes.length < end ? undefined : { payload: bytes.subarray(at + header, end), end };
  }

  encode(parts: readonly Buffer[]): Buffer[] {
    const length = sizeOf(parts) / 4;
    const head = Buffer.allocUnsafe(length < 0x7f ? 1 : 4);
    if (length < 0x7f) head[0] = length;
    else head.writeUInt32LE(((length << 8) | 0x7f) >>> 0, 0);
    return [head, ...parts];
  }
}
