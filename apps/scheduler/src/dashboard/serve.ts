/**
 * serve.ts: Bull Board and health over HTTP: queues with names that a person understands, titles of chats and files,
 * and before them who may come in: our own names (guard.ts), then the password where one is set (password.ts).
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serve } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Health, Logger } from '@tgsync/shared/app';
import type { QueueName, Queues } from '@tgsync/shared/jobs';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { adaptPage, script, scriptPath, troublesPath } from './banner.js';
import { againstForeigners } from './guard.js';
import { safeHeaders } from './headers.js';
import { withPassword } from './password.js';

export interface DashboardSettings {
  host: string;
  port: number;
  hosts: readonly string[];
  /** In plain words or as a hash; null: anybody who reaches it may come in. */
  password: string | null;
}

export interface DashboardParts {
  queues: Queues;
  health: Health;
  log: Logger;
  /** What keeps the fleet from its work now. */
  troubles: () => Promise<string[]>;
}

const board = '/queues';

const words: Record<QueueName, { name: string; description: string }> = {
  history: { name: 'History', description: 'Looks for news and reads messages' },
  media: { name: 'Media', description: 'Downloads files and links them into chats' },
  telegram: { name: 'Telegram', description: 'Renews file references and keys of data centres' },
};

export interface Dashboard {
  url: string;
  close(): Promise<void>;
}

export async function serveDashboard(parts: DashboardParts, settings: DashboardSettings): Promise<Dashboard> {
  const server = serve({
    fetch: routes(parts, settings).fetch,
    hostname: settings.host,
    port: settings.port,
  }) as Server;
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://${settings.host === '0.0.0.0' ? '127.0.0.1' : settings.host}:${port}`;
  parts.log.info({ address: url }, `dashboard at ${url}`);
  return {
    url,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function routes({ queues, health, log, troubles }: DashboardParts, settings: DashboardSettings): Hono {
  const app = new Hono();
  app.onError((error) => {
    if (error instanceof HTTPException) return error.getResponse();
    log.warn({ err: error }, 'the dashboard could not answer');
    return new Response('The dashboard could not answer: the log says why.\n', { status: 500 });
  });
  app.use('*', safeHeaders());
  app.get('/healthz', (context) => context.json({ alive: true }));
  app.get('/readyz', async (context) => {
    const report = await health.report();
    return context.json(report, report.ready ? 200 : 503);
  });
  app.use('*', againstForeigners(settings));
  if (settings.password !== null) app.use('*', withPassword(settings.password, log));
  app.get(troublesPath, async (context) => context.json({ troubles: await troubles() }));
  app.get(scriptPath, (context) => context.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.use(board, adaptPage);
  app.use(`${board}/*`, adaptPage);
  const adapter = new HonoAdapter(serveStatic);
  adapter.setBasePath(board);
  createBullBoard({
    queues: (Object.keys(words) as QueueName[]).map((it) => described(queues, it)),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'tgsync', hideRedisDetails: true } },
  });
  app.route(board, adapter.registerPlugin());
  app.get(`${board}/`, (context) => context.redirect(board));
  app.get('/', (context) => context.redirect(board));
  return app;
}

function described(queues: Queues, name: QueueName): BullMQAdapter {
  const adapter = new BullMQAdapter(queues.byName[name], {
    displayName: words[name].name,
    description: words[name].description,
  });
  adapter.setFormatter('name', (job: { name: string; data?: { title?: string } }) => job.data?.title ?? job.name);
  return adapter;
}
