/**
 * codec.ts: what every MTProto transport does: split a stream into packets, and wrap a packet.
 * A stream that breaks its transport's rules is a {@link TransportError}, which ends the connection.
 */

/** The stream does not follow its transport's rules. */
export class TransportError extends Error {}

/** The longest packet that a client may send, in bytes. */
const MAX_PACKET = 1 << 21;

/** A packet's payload, and where the packet ends; undefined while it is incomplete. */
export interface Packet {
  readonly payload: Buffer;
  readonly end: number;
}

/** One transport on one connection. */
export interface Codec {
  readonly name: 'full' | 'abridged' | 'intermediate' | 'padded intermediate';
  /** The packet that begins at `at`, if all of it is there. */
  decode(bytes: Buffer, at: number): Packet | undefined;
  /** Wraps the parts of a packet, without copying them. */
  encode(parts: readonly Buffer[]): Buffer[];
}

/** The total length of all parts, in bytes. */
export const sizeOf = (parts: readonly Buffer[]): number => parts.reduce((sum, it) => sum + it.length, 0);

/** Throws a {@link TransportError} for a length that no client sends. */
export function checkLength(length: number): void {
  if (length <= 0 || length > MAX_PACKET || length % 4 !== 0) throw new TransportError(`a packet of ${length} bytes`);
}
