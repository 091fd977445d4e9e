/**
 * sealed-state.ts: encrypts and decrypts the messages of a connection in place of GramJS's own code, which takes some 30 CPU seconds a
 * GiB: by the fastest cipher of this machine, without copies, and large messages in threads.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type bigInt from 'big-integer';
import type { Logger } from '../../app/index.js';
import type { Cipher } from '../../config/index.js';
import { ciphers, openAside, sealMessage } from '../../crypto/index.js';
import { type AuthKey, MTProtoState, SecurityError, TLMessage } from './gramjs.js';
import { LenientReader } from './lenient-reader.js';

/** Logs what this process encrypts with, and returns it. Throws a PersonError if nothing works. */
export function noteCipher(log: Logger): Cipher {
  const { ige, refused } = ciphers();
  log.info({ cipher: ige.name, ...(refused.length > 0 ? { refused } : {}) }, 'cipher chosen');
  return ige.name;
}

/** Salt, session id, message id, sequence number, length. */
const plainHeadBytes = 32;
const blockBytes = 16;
const leastPadding = 12;
/** Ids of received messages that are remembered, as none may come twice. */
const remembered = 500;

/** What GramJS's typings hide. */
interface Inner {
  authKey?: AuthKey;
  id: bigInt.BigInteger;
  msgIds: string[];
  securityChecks: boolean;
}

/** GramJS's own state, even if another copy of this module has replaced it with its own. */
function stock(state: typeof MTProtoState): typeof MTProtoState {
  const base = Object.getPrototypeOf(state) as typeof MTProtoState;
  return base.prototype ? stock(base) : state;
}

export class SealedState extends stock(MTProtoState) {
  override async encryptMessageData(data: Buffer): Promise<Buffer> {
    const { authKey, id } = this as unknown as Inner;
    await authKey?.waitForKey();
    const key = authKey?.getKey();
    if (!key) throw new Error('there is no auth key');
    const length = plainHeadBytes / 2 + data.length;
    const padding = leastPadding + ((blockBytes - ((length + leastPadding) % blockBytes)) % blockBytes);
    const head = Buffer.alloc(plainHeadBytes / 2);
    head.writeBigInt64LE(BigInt.asIntN(64, BigInt(this.salt.toString())), 0);
    head.writeBigInt64LE(BigInt.asIntN(64, BigInt(id.toString())), 8);
    const plain = Buffer.concat([head, data, randomBytes(padding)]);
    const { messageKey, sealed } = sealMessage(ciphers().ige, key, plain);
    return Buffer.concat([keyId(key), messageKey, sealed]);
  }

  override async decryptMessageData(message: Buffer): Promise<TLMessage> {
    const { authKey, msgIds, securityChecks } = this as unknown as Inner;
    const key = authKey?.getKey();
    // A transport error, such as -404: GramJS knows what it means.
    if (!key || message.length < 8) return await super.decryptMessageData(message);
    if (!keyId(key).equals(message.subarray(0, 8))) throw new SecurityError('a message names another auth key');
    const plain = await openAside(key, message);
    if (!plain || plain.length < plainHeadBytes) throw new SecurityError('a message has a wrong message key');
    const reader = new LenientReader(Buffer.from(plain.buffer, plain.byteOffset, plain.length));
    reader.readLong(); // salt
    reader.readLong(); // session
    const id = reader.readLong() as bigInt.BigInteger;
    const name = id.toString();
    if (securityChecks && msgIds.includes(name)) throw new SecurityError('a message came twice');
    if (msgIds.length > remembered) msgIds.shift();
    msgIds.push(name);
    const sequence = reader.readInt();
    reader.readInt(); // the length; the reader itself drops the padding
    return new TLMessage(id, sequence, reader.tgReadObject());
  }
}

const keyIds = new WeakMap<Buffer, Buffer>();

/** The low 64 bits of a key's SHA-1. */
function keyId(key: Buffer): Buffer {
  let id = keyIds.get(key);
  if (!id) keyIds.set(key, (id = createHash('sha1').update(key).digest().subarray(12)));
  return id;
}

/** GramJS looks up its state whenever it opens a connection. */
(createRequire(import.meta.url)('telegram/network/MTProtoState.js') as { MTProtoState: unknown }).MTProtoState =
  SealedState;
