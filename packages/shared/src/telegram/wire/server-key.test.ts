/** The keys of a CDN are trusted only while connecting to it, and only by that connection. */
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { _serverKeys } from './gramjs.js';
import { trusting, trustOnly } from './server-key.js';

const pem = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'pem', type: 'pkcs1' }).toString();

function fingerprintOf(publicKey: string): string {
  trustOnly(publicKey);
  return [..._serverKeys.keys()][0]!;
}

test('each connection trusts its own keys, however they overlap', async () => {
  const [own, cdn, other] = [pem(), pem(), pem()];
  const prints = [own, cdn, other].map(fingerprintOf);
  trustOnly(own);
  const trusted = () => prints.map((it) => _serverKeys.get(it) !== undefined);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const slow = trusting([cdn, other], async () => {
    await held;
    return trusted();
  });
  const plain = trusting(undefined, async () => trusted());
  expect(await trusting([other], async () => trusted())).toEqual([false, false, true]);
  expect(await plain).toEqual([true, false, false]);
  expect(trusted()).toEqual([true, false, false]);
  release();
  expect(await slow).toEqual([false, true, true]);
  expect(trusted()).toEqual([true, false, false]);
});

test('an invalid key is rejected', () => {
  expect(() => trustOnly('-----BEGIN PUBLIC KEY-----')).toThrow('tg.server.public_key');
  expect(() => trusting(['nonsense'], async () => {})).toThrow();
});
