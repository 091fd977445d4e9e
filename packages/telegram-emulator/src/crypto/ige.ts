/**
 * ige.ts: AES-256-IGE, which MTProto uses and node:crypto lacks.
 * Encryption uses the native CBC, since it carries whole files; decryption is only for small requests.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Bytes encrypted at a time: few enough to stay in the processor's cache. */
const CHUNK = 1 << 16;
/** Scratch space, reused by the next call, which is safe because a call never yields. */
const scratch = new BigUint64Array(CHUNK / 8);
const scratchBytes = new Uint8Array(scratch.buffer);

/** Encrypts whole blocks. */
export const igeEncrypt = (plain: Uint8Array, key: Uint8Array, iv: Uint8Array): Buffer =>
  Buffer.concat(igeEncryptParts(plain, key, iv));

/**
 * The same in parts, which saves memory for all of it. With dᵢ = cᵢ ⊕ pᵢ₋₁, IGE says dᵢ = AES(pᵢ ⊕ dᵢ₋₁ ⊕ pᵢ₋₂), which is
 * CBC over qᵢ = pᵢ ⊕ pᵢ₋₂ (p₋₁ = 0, p₀ and c₀ = the halves of the iv); cᵢ = dᵢ ⊕ pᵢ₋₁ is computed afterwards.
 */
export function igeEncryptParts(plain: Uint8Array, key: Uint8Array, iv: Uint8Array): Buffer[] {
  const p = longs(plain);
  const p0 = longs(iv.subarray(16, 32));
  const cipher = createCipheriv('aes-256-cbc', key, iv.subarray(0, 16)).setAutoPadding(false);
  const parts: Buffer[] = [];
  for (let from = 0; from < p.length; from += scratch.length) {
    const end = Math.min(from + scratch.length, p.length);
    xorSecondLast(p, p0, from, end);
    const d = longs(cipher.update(scratchBytes.subarray(0, (end - from) * 8)));
    xorLast(d, p, p0, from);
    parts.push(Buffer.from(d.buffer, d.byteOffset, d.byteLength));
  }
  return parts;
}

/** qᵢ = pᵢ ⊕ pᵢ₋₂ for the words [from, end), into the scratch space. Without `asUintN`, V8 makes an object of every word. */
function xorSecondLast(p: BigUint64Array, p0: BigUint64Array, from: number, end: number): void {
  let i = from;
  for (; i < Math.min(4, end); i++) scratch[i] = i < 2 ? p[i]! : p[i]! ^ p0[i - 2]!;
  for (; i < end; i++) scratch[i - from] = BigInt.asUintN(64, p[i]! ^ p[i - 4]!);
}

/** Turns dᵢ into cᵢ = dᵢ ⊕ pᵢ₋₁; `d` begins with the word at `from`. */
function xorLast(d: BigUint64Array, p: BigUint64Array, p0: BigUint64Array, from: number): void {
  let i = from;
  for (; i < 2; i++) d[i]! ^= p0[i]!;
  for (; i < from + d.length; i++) d[i - from] = BigInt.asUintN(64, d[i - from]! ^ p[i - 2]!);
}

/** Decrypts whole blocks: pᵢ = AES⁻¹(cᵢ ⊕ pᵢ₋₁) ⊕ cᵢ₋₁. */
export function igeDecrypt(encrypted: Uint8Array, key: Uint8Array, iv: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const c = words(encrypted);
  const out = new Uint32Array(c.length);
  const block = new Uint32Array(4);
  let cPrevious = words(iv.subarray(0, 16));
  let pPrevious = words(iv.subarray(16, 32));
  for (let at = 0; at < c.length; at += 4) {
    for (let i = 0; i < 4; i++) block[i] = c[at + i]! ^ pPrevious[i]!;
    const plain = words(decipher.update(new Uint8Array(block.buffer)));
    for (let i = 0; i < 4; i++) out[at + i] = plain[i]! ^ cPrevious[i]!;
    cPrevious = c.subarray(at, at + 4);
    pPrevious = out.subarray(at, at + 4);
  }
  return Buffer.from(out.buffer);
}

/** The bytes as 32-bit words; copied only if they are not aligned. */
function words(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** The bytes as 64-bit words; copied only if they are not aligned. */
function longs(bytes: Uint8Array): BigUint64Array {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  return new BigUint64Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 8);
}
