/** Messages are encrypted and decrypted exactly as GramJS does it. */
import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import bigInt from 'big-integer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { largeBytes } from '../../crypto/index.js';
import { Api, AuthKey, Logger, LogLevel, MTProtoSender, MTProtoState, type TLMessage } from './gramjs.js';
import { toRaw } from '../map/raw.js';
import { SealedState } from './sealed-state.js';

interface Stock {
  _calcKey(authKey: Buffer, msgKey: Buffer, client: boolean): Promise<{ key: Buffer; iv: Buffer }>;
  decryptMessageData(message: Buffer): Promise<TLMessage>;
}

const require = createRequire(import.meta.url);
const { IGE } = require('telegram/crypto/IGE.js') as {
  IGE: new (key: Buffer, iv: Buffer) => { encryptIge(data: Buffer): Buffer; decryptIge(data: Buffer): Buffer };
};
const StockState = Object.getPrototypeOf(SealedState) as typeof MTProtoState;
const log = new Logger(LogLevel.NONE);
const keyBytes = randomBytes(256);
const authKey = new AuthKey();
await authKey.setKey(keyBytes);
const states = () => [StockState, SealedState].map((it) => new it(authKey, log, true)) as [MTProtoState, MTProtoState];
const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const keyId = createHash('sha1').update(keyBytes).digest().subarray(12);

/** A message as the server encrypts it. */
async function sealedByServer(object: Buffer, id: bigint, padding: number): Promise<Buffer> {
  const head = Buffer.alloc(32);
  head.writeBigInt64LE(id, 16);
  head.writeInt32LE(7, 24);
  head.writeInt32LE(object.length, 28);
  const even = (16 - ((object.length + padding) % 16)) % 16;
  const plain = Buffer.concat([head, object, randomBytes(padding + even)]);
  const messageKey = sha256(keyBytes.subarray(96, 128), plain).subarray(8, 24);
  const { key, iv } = await (new StockState(authKey, log) as unknown as Stock)._calcKey(keyBytes, messageKey, false);
  return Buffer.concat([keyId, messageKey, new IGE(key, iv).encryptIge(plain)]);
}

const fileOf = (bytes: Uint8Array) =>
  new Api.upload.File({ type: new Api.storage.FileJpeg(), mtime: 5, bytes: Buffer.from(bytes) }).getBytes();
const shown = (message: TLMessage) => {
  const { msgId, seqNo, obj } = message as unknown as { msgId: bigInt.BigInteger; seqNo: number; obj: never };
  return { msgId: msgId.toString(), seqNo, obj: toRaw(obj) };
};

test('the seam: every sender of GramJS uses it', () => {
  expect((require('telegram/network/MTProtoState.js') as { MTProtoState: unknown }).MTProtoState).toBe(SealedState);
  const options = { logger: log, dcId: 1, retries: 1, delay: 0, securityChecks: true };
  const sender = new MTProtoSender(authKey, options as unknown as ConstructorParameters<typeof MTProtoSender>[1]);
  const { _state, _sendQueue } = sender as unknown as { _state: unknown; _sendQueue: { _state: unknown } };
  expect(_state).toBeInstanceOf(SealedState);
  expect(_sendQueue._state).toBe(_state);
  for (const name of ['encryptMessageData', 'decryptMessageData'] as const)
    expect(StockState.prototype[name]).not.toBe(SealedState.prototype[name]);
});

test('what the server sends is read as GramJS reads it', async () => {
  const sizes = fc.oneof(fc.nat(2000), fc.integer({ min: largeBytes - 100, max: largeBytes + 3000 }));
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.integer({ min: 12, max: 900 }),
      fc.bigInt({ min: 1n, max: 2n ** 62n }),
      async (size, padding, id) => {
        const message = await sealedByServer(fileOf(randomBytes(size)), id, padding);
        const [stock, own] = states();
        // With memory of its own and four bytes behind it, as it comes from the socket.
        const received = Buffer.allocUnsafeSlow(message.length + 4);
        message.copy(received);
        const right = shown(await stock.decryptMessageData(message));
        expect(shown(await own.decryptMessageData(received.subarray(0, -4)))).toEqual(right);
      },
    ),
    { numRuns: 40 },
  );
});

test('the client encrypts as the protocol says, with a padding of at least 12 bytes', async () => {
  const [stock, own] = states();
  own.salt = bigInt('-1234567890123456789');
  for (let length = 16; length < 80; length += 4) {
    const data = randomBytes(length);
    const message = await own.encryptMessageData(Buffer.from(data));
    const [id, messageKey] = [message.subarray(0, 8), message.subarray(8, 24)];
    expect(id.equals(keyId)).toBe(true);
    const { key, iv } = await (stock as unknown as Stock)._calcKey(keyBytes, messageKey, true);
    const plain = new IGE(key, iv).decryptIge(message.subarray(24));
    expect(plain.readBigInt64LE(0)).toBe(-1234567890123456789n);
    expect(plain.readBigInt64LE(8).toString()).toBe(
      BigInt.asIntN(64, BigInt((own as unknown as { id: bigInt.BigInteger }).id.toString())).toString(),
    );
    expect(plain.subarray(16, 16 + length).equals(data)).toBe(true);
    expect(plain.length - 16 - length).toBeGreaterThanOrEqual(12);
    expect(plain.length - 16 - length).toBeLessThan(28);
    expect(messageKey.equals(sha256(keyBytes.subarray(88, 120), plain).subarray(8, 24))).toBe(true);
  }
});

test('a changed message is refused, and so is one that comes twice, as by GramJS', async () => {
  const message = await sealedByServer(fileOf(randomBytes(50)), 77n, 12);
  for (const state of states()) {
    for (const at of [0, 9, 30, message.length - 1]) {
      const changed = Buffer.from(message);
      changed[at]! ^= 1;
      await expect(state.decryptMessageData(changed)).rejects.toThrow(expect.objectContaining({ name: 'Error' }));
    }
    await expect(state.decryptMessageData(message.subarray(0, 60))).rejects.toThrow();
    await state.decryptMessageData(Buffer.from(message));
    await expect(state.decryptMessageData(Buffer.from(message))).rejects.toThrow(/twice|Duplicate/);
  }
});

test('a transport error is told as by GramJS', async () => {
  const error = Buffer.alloc(4);
  error.writeInt32LE(-404);
  for (const state of states()) await expect(state.decryptMessageData(error)).rejects.toMatchObject({ code: 404 });
});
