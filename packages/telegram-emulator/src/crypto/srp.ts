/**
 * srp.ts: the server's side of core.telegram.org/api/srp, by which a client proves that it knows the 2FA password.
 * The password itself never crosses the wire. An offer (srp_id, B) is valid for one attempt.
 */
import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import { GENERATOR, PRIME, fromBig, isSafePublic, modPow, toBig } from './big.js';

const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, index) => byte ^ b[index]!));

/** What `account.getPassword` gives a client. */
export interface SrpOffer {
  readonly id: bigint;
  readonly b: Buffer;
}

/** The verifier of one password. */
export class Srp {
  readonly salt1 = randomBytes(40);
  readonly salt2 = randomBytes(16);
  readonly #verifier: bigint;
  readonly #offers = new Map<bigint, { b: bigint; publicB: bigint }>();

  constructor(password: string) {
    const salted = (data: Uint8Array, salt: Buffer): Buffer => sha256(salt, data, salt);
    const first = salted(salted(Buffer.from(password, 'utf8'), this.salt1), this.salt2);
    const slow = pbkdf2Sync(first, this.salt1, 100_000, 64, 'sha512');
    this.#verifier = modPow(BigInt(GENERATOR), toBig(salted(slow, this.salt2)), PRIME);
  }

  /** Makes an offer; only the latest hundred are kept. */
  offer(): SrpOffer {
    const multiplier = toBig(sha256(fromBig(PRIME, 256), fromBig(BigInt(GENERATOR), 256)));
    const b = toBig(randomBytes(256));
    const publicB = (multiplier * this.#verifier + modPow(BigInt(GENERATOR), b, PRIME)) % PRIME;
    const id = randomBytes(8).readBigInt64LE(0);
    this.#offers.set(id, { b, publicB });
    if (this.#offers.size > 100) this.#offers.delete(this.#offers.keys().next().value!);
    return { id, b: fromBig(publicB, 256) };
  }

  /** Forgets all offers. */
  forgetOffers(): void {
    this.#offers.clear();
  }

  /** Checks a client's proof; distinguishes an unknown or used offer from a wrong password. */
  check(id: bigint, a: Uint8Array, proof: Uint8Array): 'right' | 'wrong' | 'unknown offer' {
    const offer = this.#offers.get(id);
    if (!offer) return 'unknown offer';
    this.#offers.delete(id);
    const publicA = toBig(a);
    if (!isSafePublic(publicA)) return 'wrong';
    const [aBytes, bBytes] = [fromBig(publicA, 256), fromBig(offer.publicB, 256)];
    const u = toBig(sha256(aBytes, bBytes));
    const shared = modPow(publicA * modPow(this.#verifier, u, PRIME), offer.b, PRIME);
    const group = xor(sha256(fromBig(PRIME, 256)), sha256(fromBig(BigInt(GENERATOR), 256)));
    const key = sha256(fromBig(shared, 256));
    const expected = sha256(group, sha256(this.salt1), sha256(this.salt2), aBytes, bBytes, key);
    return expected.equals(proof) ? 'right' : 'wrong';
  }
}
