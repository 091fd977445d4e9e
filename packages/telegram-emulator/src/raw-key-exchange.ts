/**
 * raw-key-exchange.ts: the client's side of the key exchange, for the emulator's own tests.
 * Every step can be corrupted, to see that the server notices.
 */
import { constants, createHash, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { fromBig, modPow, toBig } from './crypto/big.js';
import { igeDecrypt, igeEncrypt } from './crypto/ige.js';
import { temporaryAes } from './mtproto/key-exchange.js';
import type { ClientKey } from './raw-client.js';
import { mtproto } from './tl/layers.js';
import { TlReader } from './tl/reader.js';
import type { TlObject } from './tl/value.js';
import { TlWriter } from './tl/writer.js';

const sha1 = (...parts: Uint8Array[]): Buffer => createHash('sha1').update(Buffer.concat(parts)).digest();
const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** Changes a query, or what is encrypted inside it, before it is sent. */
export type Tamper = (object: TlObject) => TlObject;

/** Makes an auth key. */
export async function exchangeKey(
  client: { plain(query: TlObject): Promise<TlObject> },
  publicPem: string,
  dc: number,
  tamper: Tamper = (it) => it,
): Promise<ClientKey> {
  const nonce = randomBytes(16);
  const resPq = await client.plain(tamper({ _: 'req_pq_multi', nonce }));
  const server_nonce = resPq['server_nonce'] as Buffer;
  const pq = resPq['pq'] as Buffer;
  const [p, q] = factors(toBig(pq)).map((it) => fromBig(it));
  const new_nonce = randomBytes(32);
  const common = { nonce, server_nonce };
  const inner = tamper({ _: 'p_q_inner_data_dc', pq, p, q, ...common, new_nonce, dc });
  const encrypted_data = rsaPad(new TlWriter().object(mtproto, inner).written, publicPem);
  const fingerprints = resPq['server_public_key_fingerprints'] as bigint[];
  const request = { _: 'req_DH_params', ...common, p, q, public_key_fingerprint: fingerprints[0], encrypted_data };
  const params = await client.plain(tamper(request));
  const { key, iv } = temporaryAes(new_nonce, server_nonce);
  const answer = igeDecrypt(params['encrypted_answer'] as Buffer, key, iv);
  const reader = new TlReader(answer.subarray(20), true);
  const offer = reader.object(mtproto);
  if (!sha1(answer.subarray(20, 20 + reader.position)).equals(answer.subarray(0, 20))) throw new Error('wrong hash');
  const prime = toBig(offer['dh_prime'] as Buffer);
  const b = toBig(randomBytes(256));
  const g_b = fromBig(modPow(BigInt(offer['g'] as number), b, prime), 256);
  const reply = new TlWriter().object(
    mtproto,
    tamper({ _: 'client_DH_inner_data', ...common, retry_id: 0n, g_b }),
  ).written;
  const padding = randomBytes((16 - ((reply.length + 20) % 16)) % 16);
  const encrypted = igeEncrypt(Buffer.concat([sha1(reply), reply, padding]), key, iv);
  const done = await client.plain(tamper({ _: 'set_client_DH_params', ...common, encrypted_data: encrypted }));
  const value = fromBig(modPow(toBig(offer['g_a'] as Buffer), b, prime), 256);
  const expected = sha1(new_nonce, Buffer.from([1]), sha1(value).subarray(0, 8)).subarray(4);
  if (!expected.equals(done['new_nonce_hash1'] as Buffer)) throw new Error(`${done._}, or wrong new_nonce_hash1`);
  const salt = BigInt.asIntN(64, new_nonce.readBigUInt64LE(0) ^ server_nonce.readBigUInt64LE(0));
  return { value, id: sha1(value).subarray(12), salt };
}

function rsaPad(data: Buffer, publicPem: string): Buffer {
  const padded = Buffer.concat([data, randomBytes(192 - data.length)]);
  for (;;) {
    const tempKey = randomBytes(32);
    const withHash = Buffer.concat([Buffer.from(padded).reverse(), sha256(tempKey, padded)]);
    const encrypted = igeEncrypt(withHash, tempKey, new Uint8Array(32));
    const mask = sha256(encrypted);
    const all = Buffer.concat([tempKey.map((byte, index) => byte ^ mask[index]!), encrypted]);
    if (all[0]! >= 0x80) continue; // it must stay below the modulus
    return publicEncrypt({ key: createPublicKey(publicPem), padding: constants.RSA_NO_PADDING }, all);
  }
}

/** The two prime factors of a number, by Pollard's rho. */
function factors(n: bigint): [bigint, bigint] {
  const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
  for (let c = 1n; ; c++) {
    let [slow, fast, divisor] = [2n, 2n, 1n];
    while (divisor === 1n) {
      let product = 1n; // one gcd for many steps, as gcd is the slow part
      for (let step = 0; step < 64; step++) {
        slow = (slow * slow + c) % n;
        fast = (fast * fast + c) % n;
        fast = (fast * fast + c) % n;
        product = (product * (slow > fast ? slow - fast : fast - slow)) % n;
      }
      divisor = gcd(product, n);
    }
    const other = n / divisor;
    if (divisor !== n) return divisor < other ? [divisor, other] : [other, divisor];
  }
}
