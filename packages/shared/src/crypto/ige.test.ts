/** Every implementation encrypts and decrypts the same bytes, and the fastest that works is used. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseIge } from './choose.js';
import { javascriptIge } from './javascript.js';

const hasCompiler = spawnSync(process.env.CC ?? 'cc', ['--version']).status === 0;
const stock = javascriptIge();
const right = (data: Uint8Array, key: Uint8Array, iv: Uint8Array) => stock.encrypt(Buffer.from(data), key, iv);

describe.for(['wasm', 'native', 'javascript'] as const)('%s', (name) => {
  // With a compiler it must be there: a test that is skipped would not tell that it does not work.
  test.skipIf(name === 'native' && !hasCompiler)('computes what GramJS computes, wherever the bytes lie', () => {
    const { ige } = chooseIge(name);
    expect(ige.name).toBe(name);
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const blocks = fc.integer({ min: 1, max: 60 }).chain((count) => bytes(16 * count));
    fc.assert(
      fc.property(blocks, bytes(32), bytes(32), fc.nat(15), (data, key, iv, offset) => {
        const moved = (of: Uint8Array) => Buffer.concat([Buffer.alloc(offset), of]).subarray(offset);
        const sealed = right(data, key, iv);
        expect(Buffer.compare(ige.encrypt(moved(data), moved(key), moved(iv)), sealed)).toBe(0);
        expect(Buffer.compare(ige.decrypt(moved(sealed), moved(key), moved(iv)), data)).toBe(0);
      }),
      { numRuns: name === 'javascript' ? 5 : 100 },
    );
    const part = randomBytes(512 * 1024);
    const [key, iv] = [randomBytes(32), randomBytes(32)];
    const sealed = right(part, key, iv);
    expect(Buffer.compare(ige.encrypt(Buffer.from(part), key, iv), sealed)).toBe(0);
    expect(Buffer.compare(ige.decrypt(Buffer.from(sealed), key, iv), part)).toBe(0);
  });
});

test.skipIf(!hasCompiler)('the native one refuses what is no whole block, and no wrong memory is touched', () => {
  const { ige } = chooseIge('native');
  const [key, iv] = [randomBytes(32), randomBytes(32)];
  for (const wrong of [
    [17, 32, 32],
    [16, 31, 32],
    [16, 32, 16],
  ] as const) {
    const [data, ...others] = wrong.map((it) => Buffer.alloc(it));
    expect(() => ige.decrypt(data!, others[0]!, others[1]!)).toThrow(RangeError);
  }
  expect(() => ige.decrypt([] as unknown as Uint8Array, key, iv)).toThrow(TypeError);
});

test.skipIf(!hasCompiler)('the fastest is chosen where nothing is asked for', () => {
  expect(chooseIge()).toMatchObject({ ige: { name: 'native' }, refused: [] });
});

test('one that does not exist here is told, with its reason', () => {
  expect(() => chooseIge('nothing' as never)).toThrow('TGSYNC_CIPHER');
});
