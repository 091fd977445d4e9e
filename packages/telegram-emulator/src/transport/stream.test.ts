import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { AbridgedCodec } from './abridged.js';
import { FullCodec } from './full.js';
import { IntermediateCodec } from './intermediate.js';
import { ClientObfuscation } from '../raw-obfuscation.js';
import { PaddedIntermediateCodec } from './padded-intermediate.js';
import { PacketStream } from './stream.js';

const transports = {
  full: { codec: () => new FullCodec(), tag: Buffer.alloc(0) },
  abridged: { codec: () => new AbridgedCodec(), tag: Buffer.from([0xef]) },
  intermediate: { codec: () => new IntermediateCodec(), tag: Buffer.alloc(4, 0xee) },
  'padded intermediate': { codec: () => new PaddedIntermediateCodec(), tag: Buffer.alloc(4, 0xdd) },
};
type Name = keyof typeof transports;

/** A stream of packets of all lengths that matter. */
function stream(name: Name): { payloads: Buffer[]; bytes: Buffer } {
  const { codec, tag } = transports[name];
  const sender = codec();
  // Valid lengths of encrypted messages, so that padding can be recognised.
  const payloads = [40, 504, 520, 536, 100_024].map((length) => randomBytes(length));
  const parts = payloads.flatMap((it) => sender.encode([it.subarray(0, 4), it.subarray(4)]));
  return { payloads, bytes: Buffer.concat([tag, ...parts]) };
}

/** What a stream yields when it arrives in chunks of `step` bytes. */
function received(stream: PacketStream, bytes: Buffer, step: number): string[] {
  const got: string[] = [];
  for (let at = 0; at < bytes.length; at += step)
    for (const payload of stream.push(bytes.subarray(at, at + step))) got.push(payload.toString('hex'));
  return got;
}

/** As text, because comparing arrays of that many numbers takes seconds. */
const hex = (buffers: readonly Buffer[]) => buffers.map((it) => it.toString('hex'));

test.each(Object.keys(transports) as Name[])('%s is recognised and split into packets, however it arrives', (name) => {
  const { payloads, bytes } = stream(name);
  for (const step of [1, 7, 1000, bytes.length]) {
    const receiver = new PacketStream();
    expect(received(receiver, bytes, step)).toEqual(hex(payloads));
    expect(receiver.codec?.name).toBe(name);
  }
});

test.each(['abridged', 'intermediate', 'padded intermediate'] as const)(
  '%s is recognised inside obfuscation',
  (name) => {
    const { payloads, bytes } = stream(name);
    const { codec, tag } = transports[name];
    for (const step of [7, 64, 1000, bytes.length + 64]) {
      const client = new ClientObfuscation(tag);
      const receiver = new PacketStream();
      const sent = Buffer.concat([client.init, client.encrypt(bytes.subarray(tag.length))]);
      expect(received(receiver, sent, step)).toEqual(hex(payloads));
      expect(receiver.codec?.name).toBe(name);
      const back = client.decrypt(Buffer.concat(receiver.encode([payloads[0]!, payloads[1]!.subarray(8)])));
      const expected = Buffer.concat([payloads[0]!, payloads[1]!.subarray(8)]);
      expect(codec().decode(back, 0)?.payload).toEqual(expected);
    }
  },
);

test('padding varies, and is told apart from a plain message and from an error', () => {
  const sizes = new Set<number>();
  const plain = Buffer.concat([Buffer.alloc(16), Buffer.from([8, 0, 0, 0]), randomBytes(8)]);
  const refusal = Buffer.from([0x6c, 0xfe, 0xff, 0xff]);
  for (let round = 0; round < 200; round++) {
    const sent = Buffer.concat(new PaddedIntermediateCodec().encode([plain]));
    sizes.add(sent.length);
    expect(new PaddedIntermediateCodec().decode(sent, 0)?.payload).toEqual(plain);
    const error = Buffer.concat(new PaddedIntermediateCodec().encode([refusal]));
    expect(new PaddedIntermediateCodec().decode(error, 0)?.payload).toEqual(refusal);
  }
  expect(Math.max(...sizes) - Math.min(...sizes)).toBe(15);
});

/** A padded packet of this length whose plain message claims another. */
function plainOf(length: number, says: number): Buffer {
  const packet = Buffer.alloc(4 + length);
  packet.writeUInt32LE(length, 0);
  packet.writeUInt32LE(says, 20);
  return packet;
}

test.each<[string, Buffer, string]>([
  ['a wrong checksum', Buffer.concat([new FullCodec().encode([Buffer.alloc(8)])[0]!, Buffer.alloc(12)]), 'checksum'],
  [
    'a wrong number',
    Buffer.concat([...new FullCodec().encode([Buffer.alloc(8)]), ...new FullCodec().encode([Buffer.alloc(8)])]),
    'packet 0 instead of 1',
  ],
  ['text', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'HTTP'],
  ['noise', Buffer.alloc(64, 7), 'unknown transport tag'],
  ['a plain message that is too long', Buffer.concat([Buffer.alloc(4, 0xdd), plainOf(24, 8)]), 'a plain message of'],
  ['too much padding', Buffer.concat([Buffer.alloc(4, 0xdd), plainOf(60, 8)]), 'a plain message of'],
  ['an odd length', Buffer.concat([Buffer.alloc(4, 0xee), Buffer.from([9, 0, 0, 0])]), 'a packet of 9 bytes'],
  ['a huge length', Buffer.concat([Buffer.alloc(4, 0xee), Buffer.from([0, 0, 0, 0x70])]), 'a packet of'],
  ['a quick ack', Buffer.from([0xef, 0x81]), 'quick'],
])('%s ends the stream', (_, bytes, problem) => {
  expect(() => [...new PacketStream().push(bytes)]).toThrow(problem);
});
