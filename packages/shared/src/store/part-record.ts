/**
 * part-record.ts: the record beside the bytes of an unfinished download: which parts are done, each with a code of its bytes. A code
 * can only be made with the media's key, so parts that somebody else put there are never accepted.
 */
import { createCipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { createPlain, readPlain } from './plain.js';
import { unwrittenRecord } from './unfinished.js';
import { z } from 'zod';
import { countParts, partSize } from './parts.js';

const recordSchema = z.object({
  size: z.int(),
  partSize: z.int(),
  done: z.array(z.tuple([z.int().min(0), z.string().max(64)])),
});

/** More than the record of the largest possible file. */
const maxBytes = 4 * 1024 * 1024;

const nonceBytes = 12;
/** The length of the codes of earlier versions: an HMAC, several times slower. */
const hmacLength = 22;

/** A code of a part's bytes, by AES-GMAC. `key`: a secret of this archive for this media. */
export function codeOf(key: string, index: number, bytes: Uint8Array): string {
  const nonce = randomBytes(nonceBytes);
  return Buffer.concat([nonce, gmac(key, index, nonce, bytes)]).toString('base64url');
}

/** Whether a code was made with this key for these bytes. */
export function isCodeOf(key: string, index: number, bytes: Uint8Array, code: string): boolean {
  if (code.length === hmacLength)
    return createHmac('sha256', key).update(`${index}/`).update(bytes).digest('base64url').startsWith(code);
  const given = Buffer.from(code, 'base64url');
  const right = gmac(key, index, given.subarray(0, nonceBytes), bytes);
  return given.length === nonceBytes + right.length && timingSafeEqual(given.subarray(nonceBytes), right);
}

function gmac(key: string, index: number, nonce: Uint8Array, bytes: Uint8Array): Buffer {
  if (nonce.length !== nonceBytes) return Buffer.alloc(0);
  const cipher = createCipheriv('aes-256-gcm', createHmac('sha256', key).update(`part ${index}`).digest(), nonce);
  cipher.setAAD(bytes).final();
  return cipher.getAuthTag();
}

/** The recorded parts of a file of this size, with their codes; none if the record belongs to another size. */
export async function readRecord(path: string, size: number): Promise<Map<number, string>> {
  const text = await readPlain(path, maxBytes);
  try {
    const record = recordSchema.parse(JSON.parse(text ?? 'null'));
    const isOfFile = record.size === size && record.partSize === partSize;
    const count = countParts(size);
    return new Map(isOfFile && record.done.every(([index]) => index < count) ? record.done : []);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return new Map();
    throw error;
  }
}

export async function writeRecord(path: string, size: number, done: ReadonlyMap<number, string>): Promise<void> {
  const record: z.output<typeof recordSchema> = { size, partSize, done: [...done] };
  const partial = unwrittenRecord(path);
  const handle = await createPlain(partial);
  try {
    await handle.writeFile(JSON.stringify(record));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(partial, path);
}
