/**
 * by-id.ts: an object whose constructor is in no schema: named by its id, with its fields as raw bytes.
 */
import type { TlObject } from './value.js';

/** An id that no layer has. */
export const UNKNOWN_ID = 0xdeadbeef;
/** Bytes that no reader can skip without knowing the constructor. */
const SOME_BYTES = '0300000007000000046d656f77000000';

/** How a test specifies such an object. */
export interface ById {
  /** By default 0xdeadbeef. */
  readonly constructorId?: number;
  /** What follows the id, in hex: a multiple of four bytes. */
  readonly following?: string;
}

/** The object; its name is `#` plus the id in hex. */
export function objectById({ constructorId = UNKNOWN_ID, following = SOME_BYTES }: ById = {}): TlObject {
  const rest = Buffer.from(following, 'hex');
  if (rest.length * 2 !== following.length || rest.length % 4 !== 0)
    throw new Error(`${following} is not hex of a multiple of 4 bytes`);
  return { _: `#${constructorId.toString(16).padStart(8, '0')}`, rest };
}

/** The id and the bytes of such an object; undefined for any other value. */
export function idAndBytes(value: unknown): { id: number; rest: Uint8Array } | undefined {
  const object = value as TlObject | undefined;
  if (typeof object?._ !== 'string' || !object._.startsWith('#')) return undefined;
  return { id: parseInt(object._.slice(1), 16), rest: object['rest'] as Uint8Array };
}
