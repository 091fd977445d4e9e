/**
 * handshake.ts: unencrypted packets, which may only carry the connection's key exchange.
 */
import type { Connection } from '../connection.js';
import { type Counting, count } from '../counters.js';
import { TlError } from '../tl/error.js';
import { mtproto } from '../tl/layers.js';
import { TlReader } from '../tl/reader.js';
import { TlWriter } from '../tl/writer.js';
import { KeyExchange, KeyExchangeError } from './key-exchange.js';
import type { KeyStore } from './key-store.js';
import { MessageIds } from './outbox.js';

interface Deps {
  readonly keys: KeyStore;
  readonly counting: Counting;
  readonly log: (line: string) => void;
  readonly now: () => number;
}

export class Handshakes {
  readonly #exchanges = new WeakMap<Connection, KeyExchange>();
  readonly #ids: MessageIds;

  constructor(private readonly deps: Deps) {
    this.#ids = new MessageIds(deps.now);
  }

  /** Answers one unencrypted packet, or closes the connection. */
  receive(connection: Connection, payload: Buffer): void {
    try {
      const reader = new TlReader(payload.subarray(8), true);
      const msgId = reader.long();
      if (msgId % 4n !== 0n || reader.int() !== reader.left) throw new KeyExchangeError('a malformed packet');
      const query = reader.object(mtproto);
      if (reader.left > 0) throw new KeyExchangeError('bytes after the query');
      const answer = new TlWriter().object(mtproto, this.#exchange(connection).answer(query)).written;
      const head = new TlWriter().long(0n).long(this.#ids.next(true)).int(answer.length).written;
      connection.send([head, answer]);
    } catch (error) {
      if (!(error instanceof KeyExchangeError || error instanceof TlError)) throw error;
      count(this.deps.counting.now.protocol, 'key exchange');
      this.deps.log(`key exchange refused: ${error.message}`);
      connection.refuse(404);
    }
  }

  #exchange(connection: Connection): KeyExchange {
    const known = this.#exchanges.get(connection);
    if (known) return known;
    const { keys, counting, now } = this.deps;
    const { dc } = connection.endpoint;
    const exchange = new KeyExchange(
      keys.rsaOf(dc),
      dc,
      now,
      (id) => keys.find(dc, id) !== undefined,
      (key) => {
        count(counting.now.keyExchanges, dc);
        keys.add(key);
      },
    );
    this.#exchanges.set(connection, exchange);
    return exchange;
  }
}
