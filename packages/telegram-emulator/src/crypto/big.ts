/**
 * big.ts: big-endian bigints, and Telegram's published 2048-bit safe prime with its generator.
 * Clients have this prime built in, and take minutes to check any other.
 */

/** The prime of the key exchange and of 2FA, as core.telegram.org publishes it. */
export const PRIME = BigInt(
  '0xc71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4db' +
    'fa336f6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64' +
    '2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b41' +
    '0dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4' +
    'e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf' +
    '6f4fadf034b10403119cd8e3b92fcc5b',
);
/** A generator of the subgroup of prime order modulo {@link PRIME}. */
export const GENERATOR = 3;

/** A number from big-endian bytes. */
export const toBig = (bytes: Uint8Array): bigint =>
  bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

/** Big-endian bytes of a number, as short as possible or padded to `length`. */
export function fromBig(value: bigint, length?: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(length === undefined ? hex.length + (hex.length % 2) : length * 2, '0'), 'hex');
}

/** base ^ exponent mod modulus. */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let square = base % modulus, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** Whether the security guidelines allow this public value in a Diffie-Hellman exchange. */
export function isSafePublic(value: bigint): boolean {
  const margin = 1n << (2048n - 64n);
  return value > margin && value < PRIME - margin;
}
