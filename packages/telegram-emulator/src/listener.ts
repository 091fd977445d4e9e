/**
 * listener.ts: one listening address of a data centre, and the connections made to it. It can be unavailable for a while:
 * nothing listens, or connections are accepted and cut, or they are accepted and never answered.
 */
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { Connection, type ConnectionEvents, type Endpoint } from './connection.js';

/** How an address is unavailable. */
export type FailureMode = 'refuses' | 'cuts' | 'silent';

export interface ListenerDeps {
  readonly events: ConnectionEvents;
  readonly opened: (endpoint: Endpoint) => void;
}

/** Below the range from which systems assign ports, so a port stays free while nothing listens on it. */
const [LOWEST_PORT, PORTS, TRIES] = [15_000, 17_000, 100];

export class Listener {
  readonly #connections = new Set<Connection>();
  readonly #mute = new Set<Socket>();
  readonly #outages = new Set<{ readonly how: FailureMode }>();
  #server: Server | undefined;
  #port = 0;

  constructor(
    readonly endpoint: Endpoint,
    readonly host: string,
    private readonly deps: ListenerDeps,
  ) {}

  get port(): number {
    return this.#port;
  }

  get connections(): readonly Connection[] {
    return [...this.#connections];
  }

  /** Listens on a port; 0 means any free one. */
  async listen(port: number): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        this.#server = await listening(port || somePort(), this.host, (socket) => this.#accept(socket));
        this.#port = (this.#server.address() as AddressInfo).port;
        return;
      } catch (error) {
        if (port !== 0 || tries === TRIES || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
  }

  /** Makes the address unavailable, for existing connections too; call the result to end that. */
  takeDown(how: FailureMode): () => Promise<void> {
    const outage = { how };
    this.#outages.add(outage);
    if (how === 'silent') for (const connection of this.#connections) connection.silence();
    else for (const connection of this.#connections) connection.destroy();
    if (how === 'refuses') this.#server?.close();
    return async () => {
      if (!this.#outages.delete(outage)) return;
      if (how === 'silent') this.#hangUpSilent();
      if (how === 'refuses' && !this.#is('refuses')) await this.listen(this.#port);
    };
  }

  /** Stops listening and cuts all connections. */
  async close(): Promise<void> {
    const server = this.#server;
    const closed = new Promise<void>((resolve) => server?.close(() => resolve()) ?? resolve());
    for (const it of [...this.#connections, ...this.#mute]) it.destroy();
    await closed;
  }

  #is(how: FailureMode): boolean {
    return [...this.#outages].some((it) => it.how === how);
  }

  #accept(socket: Socket): void {
    if (this.#is('cuts')) {
      socket.destroy();
      return;
    }
    if (this.#is('silent')) {
      this.#mute.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => this.#mute.delete(socket));
      socket.resume();
      return;
    }
    const { events, opened } = this.deps;
    const closed = (it: Connection): void => {
      this.#connections.delete(it);
      events.closed(it);
    };
    opened(this.endpoint);
    this.#connections.add(new Connection(this.endpoint, socket, { ...events, closed }));
  }

  /** What was sent in the meantime is lost, so such a connection cannot be used any more. */
  #hangUpSilent(): void {
    for (const socket of this.#mute) socket.destroy();
    for (const connection of this.#connections) if (connection.isSilent) connection.destroy();
  }
}

/** A port that is probably free. */
export const somePort = (): number => LOWEST_PORT + Math.floor(Math.random() * PORTS);

function listening(port: number, host: string, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer(accept);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
