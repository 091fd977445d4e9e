/**
 * ige.ts: AES-256-IGE, which MTProto uses and node:crypto lacks.
 * Encryption uses the native CBC, since it carries whole files; decryption is only for small requests.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Scratch space for encryption, reused by the next call, which is safe because a call never yields. */
let scratch = new Uint32Array(1 << 12);
const SCRATCH_KEPT = 1 << 19;

/**
 * Encrypts whole blocks. With dᵢ = cᵢ ⊕ pᵢ₋₁, IGE says dᵢ = AES(pᵢ ⊕ dᵢ₋₁ ⊕ pᵢ₋₂), which is CBC over qᵢ = pᵢ ⊕ pᵢ₋₂
 * (p₋₁ = 0, p₀ and c₀ = the halves of the iv); cᵢ = dᵢ ⊕ pᵢ₋₁ is computed afterwards.
 */
export function igeEncrypt(plain: Uint8Array, key: Uint8Array, iv: Uint8Array): Buffer {
  const p = words(plain);
  const p0 = words(iv.subarray(16, 32));
  const length = p.length;
  if (scratch.length < length) scratch = new Uint32Array(length);
  const q = scratch;
  q.set(p.subarray(0, 4));
  for (let i = 0; i < 4; i++) q[i + 4] = p[i + 4]! ^ p0[i]!;
  for (let i = 8; i < length; i++) q[i] = p[i]! ^ p[i - 8]!;
  const cipher = createCipheriv('aes-256-cbc', key, iv.subarray(0, 16)).setAutoPadding(false);
  const encrypted = cipher.update(new Uint8Array(q.buffer, 0, length * 4));
  if (scratch.length > SCRATCH_KEPT) scratch = new Uint32Array(1 << 12);
  const c = words(encrypted);
  for (let i = 0; i < 4; i++) c[i]! ^= p0[i]!;
  for (let i = 4; i < length; i++) c[i]! ^= p[i - 4]!;
  return Buffer.from(c.buffer, c.byteOffset, c.byteLength);
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
