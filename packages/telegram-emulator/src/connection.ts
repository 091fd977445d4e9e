/**
 * connection.ts: one TCP connection at one address of a data centre: packets in, packets out.
 * If a client does not read its answers, its requests are not read either, so memory stays bounded.
 */
import type { Socket } from 'node:net';
import { TransportError } from './transport/codec.js';
import { PacketStream } from './transport/stream.js';

/** An address of a data centre. */
export interface Endpoint {
  readonly dc: number;
  readonly mediaOnly: boolean;
}

/** What a connection reports to the server. */
export interface ConnectionEvents {
  packet(connection: Connection, payload: Buffer): void;
  closed(connection: Connection): void;
  traffic(received: number, sent: number): void;
  broken(connection: Connection, problem: string): void;
}

const UNREAD_LIMIT = 32 << 20;
let lastId = 0;

export class Connection {
  readonly id = ++lastId;
  /** Calls received on it so far. */
  calls = 0;
  readonly #stream = new PacketStream();
  #doom: NodeJS.Timeout | undefined;
  #silent = false;

  constructor(
    readonly endpoint: Endpoint,
    private readonly socket: Socket,
    private readonly events: ConnectionEvents,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('drain', () => socket.resume());
    socket.on('close', () => {
      clearTimeout(this.#doom);
      events.closed(this);
    });
  }

  /** Stays open, but stops reading and writing. */
  silence(): void {
    this.#silent = true;
    this.socket.resume();
  }

  get isSilent(): boolean {
    return this.#silent;
  }

  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  /** Whether its buffer has space for updates, which the client did not request. */
  get canTakeUpdates(): boolean {
    return this.isOpen && this.socket.writableLength <= UNREAD_LIMIT;
  }

  #receive(chunk: Buffer): void {
    this.events.traffic(chunk.length, 0);
    if (this.#silent) return;
    try {
      for (const payload of this.#stream.push(chunk)) {
        if (!this.isOpen || this.#silent) return;
        this.events.packet(this, payload);
      }
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      this.events.broken(this, error.message);
      this.destroy();
    }
  }

  /** Sends one packet, given in parts. */
  send(parts: readonly Buffer[]): void {
    if (!this.isOpen || this.#silent) return;
    this.socket.cork();
    for (const part of this.#stream.encode(parts)) {
      this.events.traffic(0, part.length);
      this.socket.write(part);
    }
    this.socket.uncork();
    if (this.socket.writableLength > UNREAD_LIMIT) this.socket.pause();
  }

  /** Sends a transport error, such as 404 for an unknown key, and closes the connection. */
  refuse(code: number): void {
    const packet = Buffer.alloc(4);
    packet.writeInt32LE(-code, 0);
    this.send([packet]);
    this.hangUp();
  }

  /** Closes the connection once everything has been sent. */
  hangUp(): void {
    if (!this.#silent) this.socket.end();
  }

  /** Closes the connection unless called again within this time, as `ping_delay_disconnect` asks. */
  closeIn(seconds: number): void {
    clearTimeout(this.#doom);
    this.#doom = setTimeout(() => this.#silent || this.destroy(), seconds * 1000);
    this.#doom.unref();
  }

  /** Cuts the connection without notice. */
  destroy(): void {
    this.socket.destroy();
  }
}
