/**
 * mtcute-client.ts: stock mtcute pointed at an emulator by its public options, for the emulator's own tests.
 * It is a second opinion: its protocol code and its layer have nothing to do with GramJS's.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStorage, TelegramClient } from '@mtcute/node';
import { NodeCryptoProvider, addPublicKey } from '@mtcute/node/utils.js';
import { ServerKey } from './crypto/rsa.js';
import type { Emulator } from './server.js';

/**
 * A folder for an emulator whose RSA key mtcute can find: it writes fingerprints without leading zeros when it compares
 * them, and with them when it keeps them.
 */
export function keysForMtcute(): { dir: string; remove: () => void } {
  let key = ServerKey.generate();
  while (BigInt.asUintN(64, key.fingerprint) >> 60n === 0n) key = ServerKey.generate();
  const dir = mkdtempSync(join(tmpdir(), 'emulator-mtcute-'));
  writeFileSync(join(dir, 'keys.json'), JSON.stringify({ rsa: key.privatePem, logins: [], keys: [] }));
  return { dir, remove: () => rmSync(dir, { recursive: true }) };
}

/** A client that is not yet connected. */
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
