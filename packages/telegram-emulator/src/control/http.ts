/**
 * http.ts: controls the emulator from another process: the TypeScript interface as JSON over HTTP.
 * bigints are strings in answers. A request that waits (for a fault, for calls) stays open, so nobody has to poll.
 */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Emulator } from '../server.js';
import { sendJson } from './json.js';
import { type Route, routesOf } from './routes.js';

/** A listening control server. */
export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the control interface on a port. */
export async function startControl(emulator: Emulator, host: string, port: number): Promise<ControlServer> {
  const routes = routesOf(emulator);
  const server = createServer((request, response) => void serve(routes, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(routes: readonly Route[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://control').pathname;
  for (const route of routes) {
    const match = request.method === route.method ? route.path.exec(path) : null;
    if (!match) continue;
    try {
      await route.handle({ parameter: decodeURIComponent(match[1] ?? ''), body: await bodyOf(request), response });
    } catch (error) {
      sendJson(response, { error: (error as Error).message }, 400);
    }
    return;
  }
  sendJson(response, { error: `no ${request.method} ${path}` }, 404);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
