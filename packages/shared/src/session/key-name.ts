/** key-name.ts: a name for a key that reveals nothing about it. Pure. */
import { createHash } from 'node:crypto';

/** The first 16 hexadecimal digits of the SHA-256 of the key. */
export function keyName(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}
