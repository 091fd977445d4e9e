/** http-limits.ts: how long and how many connections an HTTP server bears with, so that idle or slow ones do not wear it out. */
import type { Server, ServerOptions } from 'node:http';

/** For `createServer`. Milliseconds; what is late is looked for every `connectionsCheckingInterval`. */
export const patience = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
} satisfies ServerOptions;

const mostConnections = 256;

export function limitConnections<S extends Server>(server: S, most = mostConnections): S {
  server.maxConnections = most;
  return server;
}
