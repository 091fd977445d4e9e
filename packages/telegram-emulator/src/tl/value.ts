/**
 * value.ts: how a TL object looks in TypeScript, everywhere in the emulator.
 * Field names are the schema's own (snake_case), so the code can be read next to any layer's schema.
 */

/**
 * A TL object: `_` is the constructor (or method) name of the schema, the rest its fields.
 * int and double are `number`, long is `bigint`, Bool and flag-only `true` are `boolean`,
 * int128, int256 and bytes are `Uint8Array`, vectors are arrays, absent flags are `undefined`.
 * A string is decoded to `string`; to encode, it may also be a `Uint8Array` (raw bytes, for strings that are not valid UTF-8).
 */
export interface TlObject {
  readonly _: string;
  readonly [field: string]: unknown;
}
