/**
 * mtcute-client.ts: stock mtcute, pointed at an emulator through its public options, for the emulator's own tests.
 * It is a second opinion: its protocol code and its layer are independent of GramJS's.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStorage, TelegramClient } from '@mtcute/node';
import { NodeCryptoProvider, addPublicKey } from '@mtcute/node/utils.js';
import { ServerKey } from './crypto/rsa.js';
import type { Emulator } from './server.js';

/**
 * A folder for an emulator whose RSA key mtcute can find: mtcute drops leading zeros from a fingerprint when it compares,
 * but not when it stores.
 */
export function keysForMtcute(): { dir: string; remove: () => void } {
  let key = ServerKey.generate();
  while (BigInt.asUintN(64, key.fingerprint) >> 60n === 0n) key = ServerKey.generate();
  const dir = mkdtempSync(join(tmpdir(), 'emulator-mtcute-'));
  writeFileSync(join(dir, 'keys.json'), JSON.stringify({ rsa: key.privatePem, logins: [], keys: [] }));
  return { dir, remove: () => rmSync(dir, { recursive: true }) };
}

/** A client that is not connected yet. */
export async function mtcute(emulator: Emulator, options: { usePfs?: boolean } = {}): Promise<TelegramClient> {
  const crypto = new NodeCryptoProvider();
  await crypto.initialize();
  addPublicKey(crypto, emulator.server.public_key);
  const { dc: id, host: ipAddress, port } = emulator.server;
  const entry = { id, ipAddress, port };
  return new TelegramClient({
    apiId: 1,
    apiHash: 'hash',
    storage: new MemoryStorage(),
    crypto,
    defaultDcs: { main: entry, media: { ...entry, mediaOnly: true } },
    logLevel: Number(process.env['MTCUTE_LOG'] ?? 0),
    network: options,
  });
}
