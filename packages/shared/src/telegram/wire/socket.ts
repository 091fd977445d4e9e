/**
 * socket.ts: the TCP socket below GramJS's connections. Every write calls a guard first: GramJS's own pings and acknowledgements bypass
 * every other check, and Telegram may end a login that sends without holding its lease.
 */
import { connect, type Socket } from 'node:net';
import { SocksClient } from 'socks';
import { PacketCutter } from './packets.js';

/** Throws if nothing may be sent now. */
export type Guard = () => void;

export interface SocketClass {
  new (): unknown;
}

/** What our connections read from it. */
export interface PacketSocket {
  /** The payload of the next packet. Throws if the connection is closed, or the bytes are no packets. */
  nextPacket(): Promise<Buffer>;
}

/** A socket class for GramJS's `Connection`, which creates its own socket. */
export function guardedSocket(guard: Guard, connectTimeoutMs: number, proxy: string | null): SocketClass {
  return class GuardedSocket implements PacketSocket {
    private socket: Socket | undefined;
    private readonly packets = new PacketCutter(() => this.wake?.());
    private wake: (() => void) | undefined;
    private closed = true;

    async connect(port: number, host: string): Promise<void> {
      const take = (chunk: Uint8Array) => this.add(chunk);
      const socket = await (proxy
        ? throughProxy(proxy, host, port, connectTimeoutMs, take)
        : directly(host, port, connectTimeoutMs, take));
      this.socket = socket;
      this.closed = false;
      socket.on('error', () => this.end());
      socket.on('close', () => this.end());
    }

    async nextPacket(): Promise<Buffer> {
      for (;;) {
        const packet = this.packets.take();
        if (packet) return packet;
        if (this.closed) throw new Error('the connection is closed');
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    }

    private add(chunk: Uint8Array): void {
      try {
        this.packets.add(chunk);
      } catch {
        this.end();
      }
    }

    write(data: Buffer): void {
      if (this.closed) throw new Error('the connection is closed');
      try {
        guard();
      } catch (error) {
        this.end();
        throw error;
      }
      this.socket?.write(data);
    }

    close(): void {
      this.end();
    }

    private end(): void {
      this.closed = true;
      this.socket?.destroy();
      this.wake?.();
    }
  };
}

/** What a socket writes its bytes into, again and again: new memory for each chunk would keep the garbage collector busy. */
const readBytes = 256 * 1024;

/** `take` gets the bytes, in memory that is used again afterwards. */
async function directly(
  host: string,
  port: number,
  timeoutMs: number,
  take: (chunk: Uint8Array) => void,
): Promise<Socket> {
  const callback = (length: number, buffer: Uint8Array) => {
    take(buffer.subarray(0, length));
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafeSlow(readBytes), callback };
  const socket = connect({ port, host, noDelay: true, keepAlive: true, onread });
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => fail(new Error(`no connection to ${host}:${port} in time`)));
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', fail);
      resolve();
    });
  });
  return socket;
}

/** Connects through a SOCKS5 proxy. Telegram's addresses are numeric, so no name is resolved on either side. */
async function throughProxy(
  url: string,
  host: string,
  port: number,
  timeoutMs: number,
  take: (chunk: Uint8Array) => void,
): Promise<Socket> {
  const { hostname, port: proxyPort, username, password } = new URL(url);
  try {
    const { socket } = await SocksClient.createConnection({
      proxy: {
        host: hostname,
        port: Number(proxyPort),
        type: 5,
        ...(username ? { userId: decodeURIComponent(username), password: decodeURIComponent(password) } : {}),
      },
      command: 'connect',
      destination: { host, port },
      timeout: timeoutMs,
    });
    socket.setNoDelay(true);
    socket.on('data', take);
    return socket;
  } catch (error) {
    throw new Error(`the proxy at ${hostname}:${proxyPort} could not connect: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
