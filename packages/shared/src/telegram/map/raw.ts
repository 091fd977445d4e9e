/** raw.ts: turns TL objects into JSON that Postgres accepts: a server's answer is untrusted input. */
import { cleanText } from './clean-text.js';

interface TlLike {
  className: string;
  originalArgs: Record<string, unknown>;
}

/** `_` is the constructor, longs are strings, bytes are `{ "$bytes": base64 }`; absent and false fields are left out. */
export function toRaw(it: unknown): unknown {
  if (typeof it === 'string') return cleanText(it);
  if (typeof it === 'number' && !Number.isFinite(it)) return null;
  if (typeof it !== 'object' || it === null) return it;
  if (it instanceof Uint8Array) return { $bytes: Buffer.from(it).toString('base64') };
  if (Array.isArray(it)) return it.map(toRaw);
  if (!isTl(it)) return (it as { toString(): string }).toString(); // a big-integer
  const raw: Record<string, unknown> = { _: it.className };
  for (const [name, value] of Object.entries(it.originalArgs)) {
    if (value === null || value === undefined || value === false || /^flags\d*$/.test(name)) continue;
    raw[name] = toRaw(value);
  }
  return raw;
}

function isTl(it: object): it is TlLike {
  return 'originalArgs' in it && 'className' in it;
}
