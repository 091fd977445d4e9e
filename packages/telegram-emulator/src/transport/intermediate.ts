/**
 * intermediate.ts: the intermediate transport: the length in bytes before every payload.
 */
import { type Codec, type Packet, TransportError, checkLength, sizeOf } from './codec.js';

export class IntermediateCodec implements Codec {
  readonly name = 'intermediate';

  decode(bytes: Buffer, at: number): Packet | undefined {
    if (bytes.length - at < 4) return undefined;
    const length = bytes.readUInt32LE(at);
    if (length >= 0x80000000) throw new TransportError('quick acknowledgements are not supported');
    checkLength(length);
    const end = at + 4 + length;
    return bytes.length < end ? undefined : { payload: bytes.subarray(at + 4, end), end };
  }

  encode(parts: readonly Buffer[]): Buffer[] {
    const head = Buffer.allocUnsafe(4);
    head.writeUInt32LE(sizeOf(parts), 0);
    return [head, ...parts];
  }
}
