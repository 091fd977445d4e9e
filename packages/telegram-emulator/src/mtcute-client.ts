/**
 * mtcute-client.ts: stock mtcute, pointed at an emulator through its public options, for the emulator's own tests and for benchmarks.
 * It is a second opinion: its protocol code and its layer are independent of GramJS's.
 */
import { MemoryStorage, TelegramClient, type BaseTelegramClientOptions } from '@mtcute/node';
import { NodeCryptoProvider, addPublicKey } from '@mtcute/node/utils.js';
import type { Emulator } from './server.js';

/** A client that is not connected yet. The emulator may be in another process. */
export async function mtcute(
  emulator: Pick<Emulator, 'server'>,
  network: NonNullable<BaseTelegramClientOptions['network']> = {},
): Promise<TelegramClient> {
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
    network,
  });
}
