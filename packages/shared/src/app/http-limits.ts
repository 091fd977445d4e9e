/** http-limits.ts: limits on an HTTP server's connections, so that idle or slow ones cannot exhaust it. */
import type { Server, ServerOptions } from 'node:http';

/** Timeouts for `createServer`, in milliseconds; connections are checked every `connectionsCheckingInterval`. */
export const patience = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
} satisfies ServerOptions;

const mostConnections = 256;

/** Limits how many connections a server accepts at once; returns the server. */
export function limitConnections<S extends Server>(server: S, most = mostConnections): S {
  server.maxConnections = most;
  return server;
}
