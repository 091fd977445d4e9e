/**
 * listeners.ts: the listening addresses of all data centres, and the connections made to them.
 */
import type { ConnectionEvents, Endpoint } from './connection.js';
import { type FailureMode, Listener } from './listener.js';

/** Which addresses to pick; all conditions must hold. */
export interface AddressFilter {
  readonly dc?: number;
  readonly mediaOnly?: boolean;
  readonly port?: number;
}

/** Which connections to cut; all conditions must hold. */
export interface ConnectionFilter extends AddressFilter {
  readonly connection?: number;
}

export class Listeners {
  readonly #all: Listener[] = [];

  constructor(
    private readonly events: ConnectionEvents,
    private readonly opened: (endpoint: Endpoint) => void,
  ) {}

  /** Listens at another address and returns its port. */
  async listen(endpoint: Endpoint, host: string, port: number): Promise<number> {
    const listener = new Listener(endpoint, host, { events: this.events, opened: this.opened });
    await listener.listen(port);
    this.#all.push(listener);
    return listener.port;
  }

  /** Cuts connections and returns how many. */
  drop(filter: ConnectionFilter): number {
    const chosen = this.#chosen(filter).flatMap((it) => it.connections);
    const meant = chosen.filter(({ id }) => (filter.connection ?? id) === id);
    for (const connection of meant) connection.destroy();
    return meant.length;
  }

  /** Makes addresses unavailable; call the result to end that. */
  takeDown(filter: AddressFilter, how: FailureMode): () => Promise<void> {
    const back = this.#chosen(filter).map((it) => it.takeDown(how));
    return async () => void (await Promise.all(back.map((it) => it())));
  }

  /** Stops listening and cuts all connections. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((it) => it.close()));
  }

  #chosen(filter: AddressFilter): Listener[] {
    return this.#all.filter(
      ({ endpoint, port }) =>
        (filter.dc ?? endpoint.dc) === endpoint.dc &&
        (filter.mediaOnly ?? endpoint.mediaOnly) === endpoint.mediaOnly &&
        (filter.port ?? port) === port,
    );
  }
}
