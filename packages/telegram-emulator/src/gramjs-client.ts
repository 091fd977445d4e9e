/**
 * gramjs-client.ts: stock GramJS, pointed at an emulator through its public parameters, for the emulator's own tests and for benchmarks.
 * Nothing in it is patched, so it behaves here as it would with Telegram.
 */
import { createHash, createPublicKey } from 'node:crypto';
import { TelegramClient } from 'telegram';
import { readBigIntFromBuffer } from 'telegram/Helpers.js';
import { _serverKeys } from 'telegram/crypto/RSA.js';
import { LogLevel, Logger } from 'telegram/extensions/Logger.js';
import { ConnectionTCPFull, ConnectionTCPObfuscated } from 'telegram/network/index.js';
import { StringSession } from 'telegram/sessions/index.js';
import { liveAddress } from './data-centres.js';
import type { Emulator } from './server.js';
import { TlWriter } from './tl/writer.js';

/** Makes GramJS trust a server's RSA key. */
function trust(publicPem: string): void {
  const jwk = createPublicKey(publicPem).export({ format: 'jwk' });
  const [n, e] = [Buffer.from(jwk.n!, 'base64url'), Buffer.from(jwk.e!, 'base64url')];
  const fingerprint = createHash('sha1').update(new TlWriter().bytes(n).bytes(e).written).digest().readBigInt64LE(12);
  _serverKeys.set(String(fingerprint), { n: readBigIntFromBuffer(n, false), e: e.readUIntBE(0, e.length) });
}

/** A connected client; a saved session brings its key along. The emulator may be in another process. */
export async function gramJs(
  emulator: Pick<Emulator, 'server' | 'addresses'>,
  saved = '',
  transport: 'full' | 'obfuscated' = 'full',
): Promise<TelegramClient> {
  trust(emulator.server.public_key);
  /** GramJS knows production addresses only, so the connection picks the emulator's address by data centre. */
  type Options = ConstructorParameters<typeof ConnectionTCPFull>[0];
  const there = (options: Options): Options => {
    const { host, port } = liveAddress(emulator.addresses, options.dcId);
    return { ...options, ip: host, port };
  };
  class FullToEmulator extends ConnectionTCPFull {
    constructor(options: Options) {
      super(there(options));
    }
  }
  class ObfuscatedToEmulator extends ConnectionTCPObfuscated {
    constructor(options: Options) {
      super(there(options));
    }
  }
  const session = new StringSession(saved);
  if (saved === '') session.setDC(emulator.server.dc, emulator.server.host, 443);
  const client = new TelegramClient(session, 1, 'hash', {
    connection: transport === 'full' ? FullToEmulator : ObfuscatedToEmulator,
    baseLogger: new Logger(LogLevel.NONE),
    connectionRetries: 5,
    floodSleepThreshold: 0,
    securityChecks: true,
    useWSS: false,
  });
  await client.connect();
  return client;
}

/** Logs in with these answers, one after the other; returns the errors on the way. */
export async function logIn(
  client: TelegramClient,
  phone: string,
  codes: string[],
  passwords: string[] = [],
): Promise<string[]> {
  const errors: string[] = [];
  await client.start({
    phoneNumber: () => Promise.resolve(phone),
    phoneCode: () => Promise.resolve(codes.shift()!),
    password: () => Promise.resolve(passwords.shift()!),
    onError: (error) => void errors.push(error.message.replace(/^\d+: | \(.*/g, '')),
  });
  return errors;
}
