/** Guessing gets slower and slower, for the guessing address and nobody else, and takes no more memory than allowed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Penalties } from './penalties.js';

const someone = '192.0.2.7';

/** The waits after this many wrong passwords, each sent as soon as it is checked. */
function waits(count: number, penalties = new Penalties(), address = someone): number[] {
  let now = 0;
  return Array.from({ length: count }, (_, nth) => {
    penalties.failed(address, `guess ${nth}`, now);
    const wait = penalties.wait(address, now);
    now += wait;
    return wait / 1000;
  });
}

test('each wrong password costs twice as much as the one before, up to half a minute', () => {
  expect(waits(8)).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  expect(waits(2000).at(-1)).toBe(30);
});

test('after the wait it may try again, and nobody else waits', () => {
  const penalties = new Penalties();
  penalties.failed(someone, 'x', 5000);
  expect([5000, 5999, 6000, 9000].map((it) => penalties.wait(someone, it))).toEqual([1000, 1, 0, 0]);
  expect(penalties.wait('192.0.2.8', 5000)).toBe(0);
});

test('the right password resets it, and so does an hour', () => {
  const penalties = new Penalties();
  expect(waits(4, penalties)).toEqual([1, 2, 4, 8]);
  penalties.succeeded(someone);
  expect(waits(4, penalties)).toEqual([1, 2, 4, 8]);
  penalties.failed(someone, 'x', 3_600_000 + 15_001);
  expect(penalties.wait(someone, 3_600_000 + 15_001)).toBe(1000);
});

test('a repeated password is distinguished from a guess', () => {
  const penalties = new Penalties();
  penalties.failed(someone, 'old', 0);
  expect(penalties.isRepeated(someone, 'old')).toBe(true);
  expect(penalties.isRepeated(someone, 'new')).toBe(false);
  expect(penalties.isRepeated('192.0.2.8', 'old')).toBe(false);
});

test.each([
  ['192.0.2.7', '::ffff:192.0.2.7', true],
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
  ['2001:db8:1:2::1', '2001:DB8:0001:0002:0:0:0:7', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['2001:db8::1', '2001:db8:0:0:5::', true],
  ['fe80::1%eth0', 'fe80::2%eth1', true],
  ['::1', '127.0.0.1', true],
  ['127.0.0.1', '127.99.3.7', true],
  ['127.0.0.1', '::ffff:127.0.0.2', true],
  ['127.0.0.1', '128.0.0.1', false],
  ['192.0.2.7', '192.0.2.8', false],
])('%s and %s are the same guesser: %s', (one, other, same) => {
  const penalties = new Penalties();
  penalties.failed(one, 'x', 0);
  expect(penalties.wait(other, 0) > 0).toBe(same);
});

test('however many addresses guess, they share a budget, which refills', () => {
  const penalties = new Penalties();
  let looked = 0;
  for (let nth = 0; nth < 3000; nth++) {
    const address = `10.0.${nth >> 8}.${nth & 255}`;
    if (penalties.wait(address, nth) > 0) continue;
    penalties.failed(address, `guess ${nth}`, nth);
    looked++;
  }
  expect(looked).toBe(31); // including the one that refilled in these three seconds
  expect(penalties.wait('10.9.9.9', 3000)).toBe(1000);
  expect(penalties.wait('10.9.9.9', 4000)).toBe(0);
  expect(penalties.wait('10.9.9.9', 100_000)).toBe(0);
});

test('however many addresses guess, only the most recent are remembered', () => {
  fc.assert(
    fc.property(fc.array(fc.ipV4(), { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (addresses, most) => {
      const penalties = new Penalties(most);
      for (const [now, address] of addresses.entries()) {
        penalties.failed(address, 'x', now);
        expect(penalties.size).toBeLessThanOrEqual(most);
        expect(penalties.wait(address, now)).toBeGreaterThan(0);
      }
    }),
  );
});
