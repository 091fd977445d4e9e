/** Packets are those of GramJS, however the bytes arrive. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FullConnection } from './full-connection.js';
import { FullPacketCodec } from './gramjs.js';
import { PacketCutter, packetOf } from './packets.js';

const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });

/** Cuts bytes at the given places. */
function chunksOf(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((it) => it % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((to, index) => bytes.subarray(cuts[index], to));
}

test('the seam: a connection of GramJS makes its packets with our codec', async () => {
  const sent: Buffer[] = [];
  class Socket {
    async connect() {}
    close() {}
    write = (data: Buffer) => sent.push(data);
    async nextPacket() {
      return await new Promise<Buffer>(() => {});
    }
  }
  const log = { debug() {}, info() {} };
  const options = { ip: '127.0.0.1', port: 1, dcId: 1, loggers: log, socket: Socket, testServers: false };
  const connection = new FullConnection(options as unknown as ConstructorParameters<typeof FullConnection>[0]);
  await connection.connect();
  await connection._send(Buffer.from('abcd'));
  await connection._send(Buffer.from('efgh'));
  expect(sent).toEqual([packetOf(Buffer.from('abcd'), 0), packetOf(Buffer.from('efgh'), 1)]);
  await connection.disconnect();
});

test('they are made as GramJS makes them', () => {
  fc.assert(
    fc.property(payloads, (given) => {
      const stock = new FullPacketCodec({});
      for (const [number, it] of given.entries())
        expect(packetOf(it, number).equals(stock.encodePacket(Buffer.from(it)))).toBe(true);
    }),
  );
});

test('they are the same in whatever chunks their bytes arrive, and the chunks may be used again', () => {
  fc.assert(
    fc.property(payloads, fc.array(fc.nat(5000), { maxLength: 30 }), (given, places) => {
      let announced = 0;
      const cutter = new PacketCutter(() => announced++);
      for (const it of chunksOf(Buffer.concat(given.map((payload, index) => packetOf(payload, index))), places)) {
        const chunk = Buffer.from(it);
        cutter.add(chunk);
        chunk.fill(0xff);
      }
      expect(announced).toBe(given.length);
      for (const it of given) expect(cutter.take()?.equals(it)).toBe(true);
      expect(cutter.take()).toBeUndefined();
    }),
  );
});

test('a large one has memory of its own', () => {
  const cutter = new PacketCutter(() => {});
  cutter.add(packetOf(Buffer.alloc(100_000, 7), 0));
  const payload = cutter.take()!;
  expect([payload.byteOffset, payload.buffer.byteLength]).toEqual([0, 100_004]);
});

test('a changed bit is noticed, wherever it is', () => {
  const packet = packetOf(Buffer.from('the bytes of an answer'), 3);
  for (let bit = 32; bit < packet.length * 8; bit++) {
    const changed = Buffer.from(packet);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    const cutter = new PacketCutter(() => {});
    cutter.add(changed);
    expect(() => cutter.take()).toThrow('wrong checksum');
  }
});

test.for([-404, 0, 11, 1 << 30])('a length of %i is refused before memory is taken', (length) => {
  const head = Buffer.alloc(8);
  head.writeInt32LE(length);
  expect(() => new PacketCutter(() => {}).add(head)).toThrow('impossible packet');
});
