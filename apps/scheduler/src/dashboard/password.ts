/**
 * password.ts: asks for user and password, which config.json holds in plain words or as a bcrypt hash. A guess costs its address
 * ever more time (penalties.ts), guesses are looked at one at a time, and a clock does not tell how near they were.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Logger } from '@tgsync/shared/app';
import { compare } from 'bcryptjs';
import type { Context, MiddlewareHandler } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { HTTPException } from 'hono/http-exception';
import { Penalties } from './penalties.js';

const username = 'tgsync';

/** A hash takes long on purpose: so many addresses are looked at at once, for the process has other work. */
const mostChecks = 4;

type Verdict = 'right' | 'wrong' | 'wrong again' | { retryAfterMs: number };

interface Check {
  digest: Buffer;
  verdict: Promise<boolean>;
}

/** Decides about what an address gave. */
export class Gate {
  private readonly penalties = new Penalties();
  private readonly checks = new Map<string, Check>();
  private readonly salt = randomBytes(32);
  private readonly isHash: boolean;
  /** What was found right: a page asks for much at once, and a hash takes long. */
  private right: Buffer | undefined;

  constructor(
    private readonly password: string,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.isHash = /^\$2[aby]\$/.test(password);
  }

  async admit(address: string, user: string, given: string): Promise<Verdict> {
    const wait = this.penalties.wait(address, this.now());
    if (wait > 0) return { retryAfterMs: wait };
    const digest = this.digest(`${user}\0${given}`);
    if (this.right && timingSafeEqual(digest, this.right)) return this.welcome(address);
    if (this.penalties.isRepeated(address, digest.toString('hex'))) return 'wrong again';
    const running = this.checks.get(address);
    if (running) {
      if (timingSafeEqual(digest, running.digest)) return (await running.verdict) ? 'right' : 'wrong';
      return { retryAfterMs: 1000 };
    }
    if (this.checks.size >= mostChecks) return { retryAfterMs: 1000 };
    const verdict = this.isRight(user, given);
    this.checks.set(address, { digest, verdict });
    try {
      if (await verdict) {
        this.right = digest;
        return this.welcome(address);
      }
      this.penalties.failed(address, digest.toString('hex'), this.now());
      return 'wrong';
    } finally {
      this.checks.delete(address);
    }
  }

  private welcome(address: string): Verdict {
    this.penalties.succeeded(address);
    return 'right';
  }

  private async isRight(user: string, given: string): Promise<boolean> {
    const matches = this.isHash
      ? await compare(given, this.password)
      : timingSafeEqual(this.digest(given), this.digest(this.password));
    return matches && user === username;
  }

  private digest(text: string): Buffer {
    return createHmac('sha256', this.salt).update(text).digest();
  }
}

export function withPassword(password: string, log: Logger): MiddlewareHandler {
  const gate = new Gate(password);
  return basicAuth({
    realm: 'tgsync',
    async verifyUser(user: string, given: string, context: Context) {
      const address = getConnInfo(context).remote.address ?? 'unknown';
      const verdict = await gate.admit(address, user, given);
      if (typeof verdict === 'object') throw tooMany(verdict.retryAfterMs);
      if (verdict === 'wrong') log.warn({ address }, 'dashboard: wrong user or password');
      return verdict === 'right';
    },
  });
}

function tooMany(ms: number): HTTPException {
  const seconds = Math.ceil(ms / 1000);
  const res = new Response(`Wrong passwords came from your address: wait ${seconds} s, then try again.\n`, {
    status: 429,
    headers: { 'retry-after': String(seconds) },
  });
  return new HTTPException(429, { res });
}
