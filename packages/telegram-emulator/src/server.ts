/**
 * server.ts: assembles a Telegram: data centres around one message layer, the services behind it, and a handle to it all.
 */
import { CdnFiles } from './cdn-files.js';
import { type ExtraAddress, listenEverywhere } from './addresses.js';
import type { ConnectionEvents } from './connection.js';
import { type ControlServer, startControl } from './control/http.js';
import { type Counters, Counting, count } from './counters.js';
import { type Address, ENTRY_DC, liveAddress } from './data-centres.js';
import { Dispatcher } from './dispatcher.js';
import { Faults } from './faults.js';
import { type ConnectionFilter, Listeners } from './listeners.js';
import { type Outage, beginOutage } from './outages.js';
import { LoginTokens, type Waiting, loginTokenBytes } from './login-tokens.js';
import type { AuthKey, ClientInfo } from './mtproto/auth-key.js';
import { Handshakes } from './mtproto/handshake.js';
import { KeyStore } from './mtproto/key-store.js';
import { MessageLayer } from './mtproto/message-layer.js';
import { Pushes } from './pushes.js';
import { allServices } from './services/index.js';
import { acceptLoginToken } from './services/login-token.js';
import { Passwords } from './services/passwords.js';
import { SessionRule } from './session-rule.js';
import { knownLayers } from './tl/layers.js';
import type { TlObject } from './tl/value.js';
import type { WireCall } from './wire-call.js';
import { shownTo } from './world/shown.js';
import type { World } from './world/world.js';

export interface EmulatorOptions {
  readonly world: World;
  readonly host?: string;
  /** The host that clients are told, if it differs: a container's name, for example. */
  readonly advertise?: string;
  /** Ports of the data centres 1 to 4, of the `media_only` addresses, of the CDN; 0 or absent: any free one. */
  readonly ports?: readonly number[];
  /** Additional addresses, all of which clients are told. */
  readonly moreAddresses?: readonly ExtraAddress[];
  /** Keeps the RSA keys, auth keys and logins here across restarts. */
  readonly keysDir?: string;
  /** Where the HTTP control listens; 0: any free port; null or absent: nowhere. */
  readonly controlPort?: number | null;
  /** The server's clock in milliseconds, by default the machine's. */
  readonly now?: () => number;
  /** Receives lines meant for a person; by default they are dropped. */
  readonly log?: (line: string) => void;
}

/** Exactly the value of tgsync's `tg.server` setting. */
export interface ServerSetting {
  readonly dc: number;
  readonly host: string;
  readonly port: number;
  readonly public_key: string;
}

/** A call, as reported to {@link Emulator.onCall} on arrival. */
export interface CallEvent {
  readonly method: string;
  readonly query: TlObject;
  readonly layer: number;
  readonly dc: number;
  readonly mediaOnly: boolean;
  readonly connection: number;
  /** What the client sent with `initConnection`. */
  readonly client: ClientInfo | undefined;
}

/** A running Telegram. */
export interface Emulator {
  readonly server: ServerSetting;
  readonly world: World;
  readonly addresses: readonly Address[];
  /** Where the HTTP control listens, such as `http://127.0.0.1:10440`. */
  readonly control: string | undefined;
  readonly faults: Faults;
  /** How updates are pushed, and what happens to them on their way. */
  readonly pushes: Pushes;
  counters(): Counters;
  resetCounters(): void;
  /** Calls `listener` for every call; call the result to stop. */
  onCall(listener: (call: CallEvent) => void): () => void;
  /** Cuts connections and returns how many. */
  dropConnections(filter?: ConnectionFilter): number;
  /** Cuts every connection to a data centre, until the returned function is called. */
  cutOff(dc: number): () => Promise<void>;
  /** Makes a data centre or some of its addresses unavailable, until the returned function is called; that resolves when it is back. */
  outage(outage: Outage): () => Promise<void>;
  /** Forgets auth keys, as if the server had lost them: their owners get -404. */
  forgetKeys(dc?: number): void;
  /**
   * Does what a logged-in phone does after scanning a QR code; returns the future `authorization`.
   * The token is its bytes, their base64url, or the code's `tg://login?token=…`.
   */
  acceptLoginToken(token: Uint8Array | string): TlObject;
  close(): Promise<void>;
}

/** Starts all data centres. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { world, host = '127.0.0.1', advertise = host, log = () => {} } = options;
  const now = options.now ?? Date.now;
  const keys = new KeyStore(options.keysDir, world.account.userId, now);
  const { logins } = keys;
  const [counting, faults, rule] = [new Counting(), new Faults(), new SessionRule()];
  const calls = new Set<(call: CallEvent) => void>();
  const push = (to: Waiting, updates: TlObject): void => messages.push(to, updates);
  const tokenDeps = { world, logins, tokens: new LoginTokens(now), push };
  const findKey = (dc: number, id: Buffer): AuthKey | undefined => keys.find(dc, id);
  const cdn = new CdnFiles();
  const cdnKey = keys.cdnKey.publicPem;
  const passwords = new Passwords(world);
  const services = allServices({ ...tokenDeps, now, findKey, cdn, cdnKey, passwords, addresses: () => addresses });
  const renew = (to: Waiting): void => messages.renewSession(to);
  const pushes = new Pushes({ world, keys: () => keys.all, push, renew });
  const effects = {
    'expire-references': () => world.expireFileReferences(),
    'forget-srp': () => passwords.forgetOffers(),
    'relocate-files': () => world.relocateFiles(world.files),
    'expire-cdn-tokens': () => cdn.expireTokens(),
    'drop-cdn-files': () => cdn.dropFiles(),
  };
  const onCall = ({ query, layer, dc, mediaOnly, connection, key: { client } }: WireCall): void => {
    const event = { method: query._, query, layer, dc, mediaOnly, connection: connection.id, client };
    for (const listener of calls) listener(event);
  };
  const dispatcher = new Dispatcher({ services, logins, rule, faults, counting, log, effects, onCall });
  const messages = new MessageLayer({
    layers: knownLayers(),
    shown: (reader, value) => shownTo(world, reader, value),
    dispatcher,
    counting,
    log,
    now,
    onKeyChange: () => keys.save(),
    findKey,
    forgetKey: (key) => keys.forget(key),
  });
  const handshakes = new Handshakes({ keys, counting, log, now });

  const events: ConnectionEvents = {
    packet(connection, payload) {
      if (payload.length < 8) connection.refuse(404);
      else if (payload.readBigInt64LE(0) === 0n) handshakes.receive(connection, payload);
      else messages.receive(connection, payload);
    },
    closed({ id, endpoint }) {
      rule.closed(id);
      counting.closed(endpoint);
    },
    traffic: (received, sent) => counting.traffic(received, sent),
    broken(_, problem) {
      count(counting.now.protocol, 'transport');
      log(`connection cut: ${problem}`);
    },
  };
  const listeners = new Listeners(events, (endpoint) => counting.opened(endpoint));
  const { ports = [], moreAddresses: more = [] } = options;
  const addresses = await listenEverywhere(listeners, { homeDc: world.account.homeDc, host, advertise, ports, more });
  const { port } = liveAddress(addresses, ENTRY_DC);

  let control: ControlServer | undefined;
  const emulator: Emulator = {
    server: { dc: ENTRY_DC, host: advertise, port, public_key: keys.serverKey.publicPem },
    world,
    addresses,
    get control() {
      return control?.url;
    },
    faults,
    pushes,
    counters: () => counting.snapshot(),
    resetCounters: () => counting.reset(),
    onCall(listener) {
      calls.add(listener);
      return () => calls.delete(listener);
    },
    dropConnections: (filter = {}) => listeners.drop(filter),
    cutOff: (dc) => beginOutage(faults, listeners, { dc, how: 'cuts' }),
    outage: (outage) => beginOutage(faults, listeners, outage),
    forgetKeys: (dc) => keys.forgetAll(dc),
    acceptLoginToken: (token) => acceptLoginToken(tokenDeps, loginTokenBytes(token)),
    async close() {
      pushes.close();
      await Promise.all([listeners.close(), control?.close()]);
      keys.save();
    },
  };
  if (typeof options.controlPort === 'number') control = await startControl(emulator, host, options.controlPort);
  return emulator;
}
