/**
 * part-record.ts: the record beside the bytes of an unfinished download: which parts are done, each with a code of its bytes. A code
 * can only be made with the media's key, so parts that somebody else put there are never accepted.
 */
import { createHmac } from 'node:crypto';
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

/** The code of a part's bytes. `key`: a secret of this archive for this media. */
export function codeOf(key: string, index: number, bytes: Uint8Array): string {
  return createHmac('sha256', key).update(`${index}/`).update(bytes).digest('base64url').slice(0, 22);
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
