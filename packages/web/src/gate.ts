/**
 * gate.ts: checks a user and password from an address. Each guess makes its address wait longer (penalties.ts), guesses are checked one
 * at a time, and timing does not reveal how close they were. The owner is never locked out: a credential that was right a moment ago from
 * the same address is recognised even while guesses from there have to wait.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { matchesHash } from './password.js';
import { guesser, Penalties } from './penalties.js';

const username = 'tgsync';

/** A hash is slow on purpose: this many are checked at once. */
const mostChecks = 2;

const momentMs = 600_000;
/** Recognition also distinguishes a guess from the right password, so after this many wrong ones the owner waits like others. */
const mostCompared = 100;
const mostKnown = 100;

export type Verdict = 'right' | 'wrong' | 'wrong again' | { retryAfterMs: number };

interface Check {
  digest: Buffer;
  verdict: Promise<boolean>;
}

interface Known {
  digest: Buffer;
  until: number;
  compared: number;
}

export class Gate {
  private readonly penalties = new Penalties();
  /** By guesser. */
  private readonly checks = new Map<string, Check>();
  private readonly salt = randomBytes(32);
  /** Recently accepted credentials, by address: a page sends many requests at once, and a hash is slow. */
  private readonly known = new Map<string, Known>();

  /** `password`: returns the password in plain text or as a hash; called each time, as it may change. */
  constructor(
    private readonly password: () => string,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async admit(address: string, user: string, given: string): Promise<Verdict> {
    const password = this.password();
    const digest = this.digest(`${password}\0${user}\0${given}`);
    if (this.isKnown(address, digest)) return 'right';
    const wait = this.penalties.wait(address, this.now());
    if (wait > 0) return { retryAfterMs: wait };
    if (this.penalties.isRepeated(address, digest.toString('hex'))) return 'wrong again';
    const running = this.checks.get(guesser(address));
    if (running) {
      if (timingSafeEqual(digest, running.digest)) return (await running.verdict) ? 'right' : 'wrong again';
      return { retryAfterMs: 1000 };
    }
    if (this.checks.size >= mostChecks) return { retryAfterMs: 1000 };
    const verdict = this.isRight(password, user, given);
    this.checks.set(guesser(address), { digest, verdict });
    try {
      if (await verdict) {
        this.welcome(address, digest);
        return 'right';
      }
      this.penalties.failed(address, digest.toString('hex'), this.now());
      return 'wrong';
    } finally {
      this.checks.delete(guesser(address));
    }
  }

  private isKnown(address: string, digest: Buffer): boolean {
    const known = this.known.get(address);
    if (!known || known.until < this.now() || known.compared >= mostCompared) return false;
    if (timingSafeEqual(digest, known.digest)) return true;
    known.compared++;
    return false;
  }

  private welcome(address: string, digest: Buffer): void {
    this.penalties.succeeded(address);
    this.known.delete(address);
    const oldest = this.known.keys().next();
    if (this.known.size >= mostKnown && !oldest.done) this.known.delete(oldest.value);
    this.known.set(address, { digest, until: this.now() + momentMs, compared: 0 });
  }

  private async isRight(password: string, user: string, given: string): Promise<boolean> {
    const isHash = /^\$2[aby]\$/.test(password);
    const matches = isHash
      ? await matchesHash(given, password)
      : timingSafeEqual(this.digest(given), this.digest(password));
    return matches && user === username;
  }

  private digest(text: string): Buffer {
    return createHmac('sha256', this.salt).update(text).digest();
  }
}
