/** raw.ts: turns TL objects into JSON that Postgres accepts: a server's answer is untrusted input. */
import { cleanText } from './clean-text.js';

interface TlLike {
  className: string;
  originalArgs: Record<string, unknown>;
}

/** `_` is the constructor, longs are strings, bytes are `{ "$bytes": base64 }`; absent and false fields are left out. */
export function toRaw(it: unknown): unknown {
  if (typeof it === 'string') return cleanText(it);
  if (typeof it === 'number') return Number.isFinite(it) ? it : null;
  if (typeof it !== 'object' || it === null) return it;
  if (Array.isArray(it)) return it.map(toRaw);
  if (isTl(it)) return fieldsOf(it);
  if (it instanceof Uint8Array) return { $bytes: Buffer.from(it).toString('base64') };
  return (it as { toString(): string }).toString(); // a big-integer
}

function fieldsOf({ className, originalArgs }: TlLike): Record<string, unknown> {
  const raw: Record<string, unknown> = { _: className };
  for (const name in originalArgs) {
    const value = originalArgs[name];
    if (value === null || value === undefined || value === false || isFlags(name)) continue;
    raw[name] = toRaw(value);
  }
  return raw;
}

/** Asked for every field of every message: the answers are kept, as the schema has few names that begin like this. */
const flagsByName = new Map<string, boolean>();

function isFlags(name: string): boolean {
  if (!name.startsWith('fl')) return false;
  let is = flagsByName.get(name);
  if (is === undefined) flagsByName.set(name, (is = /^flags\d*$/.test(name)));
  return is;
}

function isTl(it: object): it is TlLike {
  return (it as Partial<TlLike>).originalArgs !== undefined && (it as Partial<TlLike>).className !== undefined;
}
