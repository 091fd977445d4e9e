/**
 * padded-intermediate.ts: intermediate, with up to 15 random bytes after every payload that its length includes.
 * The payload's end follows from its kind: an encrypted message is whole blocks, a plain one states its length.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { type Codec, type Packet, TransportError, checkLength, sizeOf } from './codec.js';

const MOST_PADDING = 15;
/** auth_key_id, message id and length before a plain message. */
const PLAIN_HEADER = 20;
/** auth_key_id and msg_key before an encrypted one. */
const ENCRYPTED_HEADER = 24;

export class PaddedIntermediateCodec implements Codec {
  readonly name = 'padded intermediate';

  decode(bytes: Buffer, at: number): Packet | undefined {
    if (bytes.length - at < 4) return undefined;
    const length = bytes.readUInt32LE(at);
    if (length >= 0x80000000) throw new TransportError('quick acknowledgements are not supported');
    checkLength(length & ~3);
    const end = at + 4 + length;
    if (bytes.length < end) return undefined;
    const padded = bytes.subarray(at + 4, end);
    return { payload: padded.subarray(0, payloadLength(padded)), end };
  }

  encode(parts: readonly Buffer[]): Buffer[] {
    const padding = randomBytes(randomInt(MOST_PADDING + 1));
    const head = Buffer.allocUnsafe(4);
    head.writeUInt32LE(sizeOf(parts) + padding.length, 0);
    return [head, ...parts, padding];
  }
}

function payloadLength(padded: Buffer): number {
  if (padded.length < PLAIN_HEADER) return 4; // a transport error
  if (padded.readBigInt64LE(0) !== 0n)
    return padded.length - ((padded.length - Math.min(ENCRYPTED_HEADER, padded.length)) % 16);
  const length = PLAIN_HEADER + padded.readUInt32LE(16);
  if (length > padded.length || padded.length - length > MOST_PADDING)
    throw new TransportError(`a plain message of ${length} in ${padded.length} bytes`);
  return length;
}
