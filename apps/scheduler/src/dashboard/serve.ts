/**
 * serve.ts: serves Bull Board (board.ts) and health over HTTP. First come the checks of packages/web: our own host names, then a session,
 * a one-time link or the password.
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { forStrangers, type Health, limitConnections, type Logger, patience } from '@tgsync/shared/app';
import { type DashboardAccess, urlOf } from '@tgsync/shared/dashboard-access';
import type { Queues } from '@tgsync/shared/jobs';
import { Door, fromOurPageOnly, safeHeaders, sameOriginOnly } from '@tgsync/web';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { adaptPage, script, scriptPath, troublesPath } from './banner.js';
import { bullBoard } from './board.js';

export interface DashboardSettings {
  host: string;
  port: number;
  hosts: readonly string[];
  limits?: typeof patience;
}

export interface DashboardParts {
  queues: Queues;
  health: Health;
  log: Logger;
  /** What currently keeps the fleet from working. */
  troubles: () => Promise<string[]>;
  /** Numbers for Prometheus. */
  metrics: () => Promise<string>;
  /** null: no password; anyone may come in. */
  access: DashboardAccess | null;
  /** How the person runs the command line here. */
  calledAs: string;
}

const board = '/queues';

/** The board's own requests have a short body or none. */
const mostBodyBytes = 64 * 1024;

export interface Dashboard {
  url: string;
  close(): Promise<void>;
}

export async function serveDashboard(parts: DashboardParts, settings: DashboardSettings): Promise<Dashboard> {
  const door = parts.access && new Door({ ...parts, access: parts.access });
  const server = serve({
    fetch: routes(parts, settings, door).fetch,
    hostname: settings.host,
    port: settings.port,
    serverOptions: settings.limits ?? patience,
  }) as Server;
  limitConnections(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = urlOf(settings.host, port);
  parts.log.info({ address: url }, 'dashboard listening');
  return {
    url,
    async close() {
      door?.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function routes(
  { queues, health, log, troubles, metrics }: DashboardParts,
  settings: DashboardSettings,
  door: Door | null,
): Hono {
  const app = new Hono();
  app.onError((error) => {
    if (error instanceof HTTPException) return error.getResponse();
    log.warn({ err: error }, 'dashboard request failed');
    return new Response('The dashboard could not answer this request. See the log.\n', { status: 500 });
  });
  app.use('*', safeHeaders());
  app.get('/healthz', (context) => context.json({ alive: true }));
  app.get('/readyz', async (context) => {
    const report = await health.report();
    const isInsider = !door || (await door.isInsider(context));
    return context.json(isInsider ? report : forStrangers(report), report.ready ? 200 : 503);
  });
  app.use('*', sameOriginOnly(settings));
  app.use('*', bodyLimit({ maxSize: mostBodyBytes }));
  if (door) {
    app.get('/', door.link(board));
    app.use('*', fromOurPageOnly(board));
    app.use('*', door.password());
  }
  app.get(troublesPath, async (context) => context.json({ troubles: await troubles() }));
  app.get('/metrics', async (context) => context.text(await metrics()));
  app.get(scriptPath, (context) => context.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.use(board, adaptPage);
  app.use(`${board}/*`, adaptPage);
  app.route(board, bullBoard(queues, board));
  app.get(`${board}/`, (context) => context.redirect(board));
  app.get('/', (context) => context.redirect(board));
  return app;
}
