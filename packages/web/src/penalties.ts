/**
 * penalties.ts: each wrong password makes the next one from that address wait longer, and all addresses together share a budget. Pure:
 * time is an argument. A password sent while its sender has to wait is not checked, so many guesses at once are worth no more than one.
 */
import { isIP } from 'node:net';

const firstMs = 1000;
const mostMs = 30_000;
/** After this long without a wrong password everything is forgotten. */
const forgetMs = 3_600_000;

/** Wrong passwords from all addresses together: this many at once, then one per `budgetMs`. */
const budget = 30;
const budgetMs = 2000;

interface Penalty {
  failures: number;
  until: number;
  /** A digest of the password sent. */
  given: string;
}

export class Penalties {
  /** In order of their last failure. */
  private readonly byAddress = new Map<string, Penalty>();
  /** When the budget is full again. */
  private wholeAt = 0;

  /** At most this many addresses are remembered: those that failed most recently. */
  constructor(private readonly most = 10_000) {}

  get size(): number {
    return this.byAddress.size;
  }

  /** Milliseconds until this address may try again. */
  wait(address: string, now: number): number {
    const forAll = this.wholeAt - now - (budget - 1) * budgetMs;
    return Math.max(0, (this.byAddress.get(guesser(address))?.until ?? 0) - now, forAll);
  }

  /** The same password as the last time, as sent by a page still open after a change of the password: not a guess. */
  isRepeated(address: string, given: string): boolean {
    return this.byAddress.get(guesser(address))?.given === given;
  }

  failed(address: string, given: string, now: number): void {
    const key = guesser(address);
    this.wholeAt = Math.max(this.wholeAt, now) + budgetMs;
    const before = this.byAddress.get(key);
    const failures = before && now - before.until < forgetMs ? before.failures + 1 : 1;
    this.byAddress.delete(key);
    const oldest = this.byAddress.keys().next();
    if (this.byAddress.size >= this.most && !oldest.done) this.byAddress.delete(oldest.value);
    this.byAddress.set(key, { failures, until: now + Math.min(mostMs, firstMs * 2 ** (failures - 1)), given });
  }

  succeeded(address: string): void {
    this.byAddress.delete(guesser(address));
  }
}

/** All addresses of this machine count as one, as do the 2^64 addresses of an IPv6 /64; an IPv4 address has two notations. */
export function guesser(address: string): string {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (/^127\.|^::1$/.test(plain)) return 'this machine';
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  const groups = [...front, ...Array.from({ length: zeros }, () => '0'), ...back].slice(0, 4);
  return `${groups.map((it) => it.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
