/** socks-proxy.ts: a SOCKS5 proxy with user and password (RFC 1928, RFC 1929), for tests. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface SocksProxy {
  port: number;
  /** How many connections it has made. */
  readonly connections: number;
  close(): void;
}

export async function startSocksProxy(user: string, password: string): Promise<SocksProxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    void serve(socket, user, password, () => connections++).catch(() => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function serve(socket: Socket, user: string, password: string, onConnect: () => void): Promise<void> {
  const read = reader(socket);
  const [version, methods] = await read(2);
  const offered = await read(methods!);
  if (version !== 5 || !offered.includes(2)) return void socket.end(Buffer.from([5, 0xff]));
  socket.write(Buffer.from([5, 2]));
  const [, userLength] = await read(2);
  const givenUser = (await read(userLength!)).toString();
  const [passwordLength] = await read(1);
  const givenPassword = (await read(passwordLength!)).toString();
  if (givenUser !== user || givenPassword !== password) return void socket.end(Buffer.from([1, 1]));
  socket.write(Buffer.from([1, 0]));
  const [, command, , type] = await read(4);
  if (command !== 1) return void socket.end(Buffer.from([5, 7, 0, 1, 0, 0, 0, 0, 0, 0]));
  const host = type === 1 ? [...(await read(4))].join('.') : (await read((await read(1))[0]!)).toString();
  const port = (await read(2)).readUInt16BE();
  const target = connect(port, host);
  await once(target, 'connect');
  onConnect();
  target.on('error', () => socket.destroy());
  target.on('close', () => socket.destroy());
  socket.on('close', () => target.destroy());
  socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
  socket.pipe(target);
  target.pipe(socket);
}

/** Reads exactly this many bytes, and leaves the rest in the socket. */
function reader(socket: Socket): (length: number) => Promise<Buffer> {
  return async (length) => {
    if (length === 0) return Buffer.alloc(0);
    for (;;) {
      const chunk = socket.read(length) as Buffer | null;
      if (chunk) return chunk;
      await once(socket, 'readable');
    }
  };
}
