/**
 * penalties.ts: who gives wrong passwords waits ever longer before the next one is looked at, and all together have a budget, however
 * many addresses they have. Pure: time is an argument. What is given while its sender waits is not looked at, so that many guesses at
 * once are worth no more than one.
 */
import { isIP } from 'node:net';

const firstMs = 1000;
const mostMs = 30_000;
/** After so long without a wrong password all is forgotten. */
const forgetMs = 3_600_000;

/** Wrong passwords from everywhere: so many at once, then one in `budgetMs`. */
const budget = 30;
const budgetMs = 2000;

interface Penalty {
  failures: number;
  until: number;
  /** What was given, as a digest. */
  given: string;
}

export class Penalties {
  /** The address that failed last is the last one. */
  private readonly byAddress = new Map<string, Penalty>();
  /** When the budget is whole again. */
  private wholeAt = 0;

  /** At most so many addresses are remembered: those that failed last. */
  constructor(private readonly most = 10_000) {}

  get size(): number {
    return this.byAddress.size;
  }

  /** Milliseconds until this address may try again. */
  wait(address: string, now: number): number {
    const forAll = this.wholeAt - now - (budget - 1) * budgetMs;
    return Math.max(0, (this.byAddress.get(guesser(address))?.until ?? 0) - now, forAll);
  }

  /** The same as the last time, as by a page that is still open after a change of the password: that is no guess. */
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

/** Whoever has one address of this machine has them all, and whoever has one IPv6 address the 2^64 beside it; an IPv4 one comes in two forms. */
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
