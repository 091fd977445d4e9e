/**
 * packets.ts: the full TCP transport (core.telegram.org/mtproto/mtproto-transports#full): a packet is its length and number, four bytes
 * each, its payload, and a CRC-32 of all that. Bytes are copied once, from the socket into the packet that they belong to.
 */
import { crc32 } from 'node:zlib';
import { largeBytes } from '../../crypto/index.js';

const headBytes = 8;
const crcBytes = 4;
/** Far more than any answer: a part of a file has 1 MiB. */
const largest = 16 * 1024 * 1024;

interface Packet {
  head: Buffer;
  /** Payload and checksum. */
  rest: Buffer;
}

/** Cuts a stream of bytes into packets. */
export class PacketCutter {
  private readonly packets: Packet[] = [];
  private head = Buffer.alloc(headBytes);
  private rest: Buffer | undefined;
  private filled = 0;

  /** `onPacket` is called when another packet is complete. */
  constructor(private readonly onPacket: () => void) {}

  /** Takes bytes as they arrive; keeps none of the chunk's memory. Throws if a length is impossible. */
  add(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const target = this.rest ?? this.head;
      const count = Math.min(target.length - this.filled, chunk.length - at);
      target.set(chunk.subarray(at, at + count), this.filled);
      at += count;
      this.filled += count;
      if (this.filled === target.length) this.next();
    }
  }

  /** The payload of the next complete packet; undefined if there is none yet. Throws if its checksum is wrong. */
  take(): Buffer | undefined {
    const packet = this.packets.shift();
    if (!packet) return undefined;
    const payload = packet.rest.subarray(0, -crcBytes);
    if (crc32(payload, crc32(packet.head)) !== packet.rest.readUInt32LE(payload.length))
      throw new Error('a packet has a wrong checksum');
    return payload;
  }

  private next(): void {
    this.filled = 0;
    if (this.rest) {
      this.packets.push({ head: this.head, rest: this.rest });
      this.head = Buffer.alloc(headBytes);
      this.rest = undefined;
      return this.onPacket();
    }
    const length = this.head.readInt32LE(0);
    if (length < headBytes + crcBytes || length > largest) throw new RangeError(`impossible packet of ${length} bytes`);
    const left = length - headBytes;
    // Large ones get memory of their own, which can be handed to a thread.
    this.rest = left < largeBytes ? Buffer.allocUnsafe(left) : Buffer.allocUnsafeSlow(left);
  }
}

/** A packet with the given number, counted from 0 for each connection. */
export function packetOf(payload: Uint8Array, number: number): Buffer {
  const packet = Buffer.allocUnsafe(headBytes + payload.length + crcBytes);
  packet.writeInt32LE(packet.length, 0);
  packet.writeInt32LE(number, 4);
  packet.set(payload, headBytes);
  packet.writeUInt32LE(crc32(packet.subarray(0, -crcBytes)), packet.length - crcBytes);
  return packet;
}
