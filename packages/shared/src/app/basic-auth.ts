/**
 * basic-auth.ts: whether a request carries the user `tgsync` and this password. Only for passwords that cannot be guessed, as attempts
 * are not counted.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

/** `header`: the request's Authorization header. The comparison takes the same time for every password. */
export function isBasicAuth(header: string | undefined, password: string): boolean {
  const [, given] = /^ *basic +([\w+/=-]{1,1000}) *$/i.exec(header ?? '') ?? [];
  if (given === undefined) return false;
  return timingSafeEqual(digest(Buffer.from(given, 'base64').toString('utf8')), digest(`tgsync:${password}`));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
