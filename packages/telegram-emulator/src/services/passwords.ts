/**
 * passwords.ts: the account's 2FA password, as offered by `account.getPassword` and checked by `auth.checkPassword`.
 */
import { randomBytes } from 'node:crypto';
import { GENERATOR, PRIME, fromBig } from '../crypto/big.js';
import { Srp } from '../crypto/srp.js';
import { RpcError } from '../service.js';
import type { TlObject } from '../tl/value.js';
import type { World } from '../world/world.js';

const ALGORITHM = 'passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow';
const SECURE_ALGORITHM = 'securePasswordKdfAlgoPBKDF2HMACSHA512iter100000';

export class Passwords {
  #srp: { password: string; srp: Srp } | undefined;

  constructor(private readonly world: World) {}

  /** Created on first use, as deriving it is slow by design. */
  get #current(): Srp | undefined {
    const { password } = this.world.account;
    if (password === undefined) return undefined;
    if (this.#srp?.password !== password) this.#srp = { password, srp: new Srp(password) };
    return this.#srp.srp;
  }

  /** The answer to `account.getPassword`. */
  get offer(): TlObject {
    const srp = this.#current;
    const offer = srp?.offer();
    const algorithm = (salt1: Uint8Array, salt2: Uint8Array): TlObject => ({
      _: ALGORITHM,
      salt1,
      salt2,
      g: GENERATOR,
      p: fromBig(PRIME, 256),
    });
    return {
      _: 'account.password',
      has_password: srp !== undefined,
      current_algo: srp && algorithm(srp.salt1, srp.salt2),
      srp_B: offer?.b,
      srp_id: offer?.id,
      hint: srp && 'the usual one',
      new_algo: algorithm(randomBytes(8), randomBytes(16)),
      new_secure_algo: { _: SECURE_ALGORITHM, salt: randomBytes(8) },
      secure_random: randomBytes(256),
    };
  }

  /** Invalidates all offers made so far. */
  forgetOffers(): void {
    this.#srp?.srp.forgetOffers();
  }

  /** Throws an {@link RpcError} unless the proof is right. */
  check(proof: TlObject): void {
    const srp = this.#current;
    if (!srp || proof._ !== 'inputCheckPasswordSRP') throw new RpcError(400, 'PASSWORD_HASH_INVALID');
    const verdict = srp.check(proof['srp_id'] as bigint, proof['A'] as Uint8Array, proof['M1'] as Uint8Array);
    if (verdict === 'unknown offer') throw new RpcError(400, 'SRP_ID_INVALID');
    if (verdict === 'wrong') throw new RpcError(400, 'PASSWORD_HASH_INVALID');
  }
}
