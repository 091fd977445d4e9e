/**
 * listeners.ts: the listening sockets of all data centres, and the connections made to them.
 */
import { type AddressInfo, type Server, createServer } from 'node:net';
import { Connection, type ConnectionEvents, type Endpoint } from './connection.js';
import type { Address } from './data-centres.js';

/** Which connections to cut; all conditions must hold. */
export interface ConnectionFilter {
  readonly dc?: number;
  readonly mediaOnly?: boolean;
  readonly connection?: number;
}

export class Listeners {
  readonly addresses: Address[] = [];
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Connection>();
  readonly #unreachable = new Set<number>();
  readonly #events: ConnectionEvents;

  constructor(
    events: ConnectionEvents,
    private readonly opened: (endpoint: Endpoint) => void,
  ) {
    const closed = (connection: Connection): void => {
      this.#connections.delete(connection);
      events.closed(connection);
    };
    this.#events = { ...events, closed };
  }

  /** Listens at one more address; clients are told of `advertise`. */
  async listen(endpoint: Endpoint, host: string, port: number, advertise = host): Promise<void> {
    const server = createServer((socket) => {
      if (this.#unreachable.has(endpoint.dc)) {
        socket.destroy();
        return;
      }
      this.opened(endpoint);
      this.#connections.add(new Connection(endpoint, socket, this.#events));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    this.#servers.push(server);
    this.addresses.push({ ...endpoint, host: advertise, port: (server.address() as AddressInfo).port });
  }

  /** Cuts connections and says how many. */
  drop(filter: ConnectionFilter): number {
    const chosen = [...this.#connections].filter(
      ({ endpoint, id }) =>
        (filter.dc ?? endpoint.dc) === endpoint.dc &&
        (filter.mediaOnly ?? endpoint.mediaOnly) === endpoint.mediaOnly &&
        (filter.connection ?? id) === id,
    );
    for (const connection of chosen) connection.destroy();
    return chosen.length;
  }

  /** Cuts every connection to a data centre, now and whenever one is made; the returned function ends that. */
  cutOff(dc: number): () => void {
    this.#unreachable.add(dc);
    this.drop({ dc });
    return () => void this.#unreachable.delete(dc);
  }

  /** Stops listening and cuts everything. */
  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    this.drop({});
    await Promise.all(closed);
  }
}
