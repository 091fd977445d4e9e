/**
 * tokens.ts: tokens signed with a key and valid until a date: `<expiry>.<nonce>.<mac>`. Pure: time is an argument. A token for one
 * purpose is not valid for another.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export type Purpose = 'link' | 'session';

/** `expiresAt`: milliseconds since 1970. */
export function makeToken(key: string, purpose: Purpose, expiresAt: number): string {
  const body = `${Math.floor(expiresAt / 1000).toString(36)}.${randomBytes(16).toString('base64url')}`;
  return `${body}.${mac(key, purpose, body)}`;
}

/** The contents of a valid token; undefined: not made with this key, for another purpose, or expired. */
export function readToken(
  key: string,
  purpose: Purpose,
  token: string,
  now: number,
): { nonce: string; expiresAt: number } | undefined {
  const [, body, expiry, nonce, given] = /^(([0-9a-z]{1,9})\.([\w-]{22}))\.([\w-]{43})$/.exec(token) ?? [];
  if (!body || !expiry || !nonce || !given) return undefined;
  if (!timingSafeEqual(Buffer.from(given), Buffer.from(mac(key, purpose, body)))) return undefined;
  const expiresAt = Number.parseInt(expiry, 36) * 1000;
  return expiresAt > now ? { nonce, expiresAt } : undefined;
}

function mac(key: string, purpose: Purpose, body: string): string {
  return createHmac('sha256', key).update(`tgsync dashboard ${purpose} ${body}`).digest('base64url');
}
