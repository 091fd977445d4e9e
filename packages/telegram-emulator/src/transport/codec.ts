/**
 * codec.ts: what every MTProto transport can do: cut a stream into packets, and wrap a packet.
 * A stream that breaks its transport's rules is a {@link TransportError}: the connection is over.
 */

/** The stream is not what its transport says it is. */
export class TransportError extends Error {}

/** The longest packet that a client may send. */
const MAX_PACKET = 1 << 21;

/** A packet at the start of the bytes, and where it ends; undefined while it is not whole. */
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

/** The bytes in all parts. */
export const sizeOf = (parts: readonly Buffer[]): number => parts.reduce((sum, it) => sum + it.length, 0);

/** Refuses lengths that no client sends. */
export function checkLength(length: number): void {
  if (length <= 0 || length > MAX_PACKET || length % 4 !== 0) throw new TransportError(`a packet of ${length} bytes`);
}
