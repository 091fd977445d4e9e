/**
 * dashboard.ts: Bull Board and health over HTTP: queues with names that a person understands, titles of chats and files,
 * a password where one is set. Nothing on the page comes from another host.
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
import type { Config } from '@tgsync/shared/config';
import type { QueueName, Queues } from '@tgsync/shared/jobs';
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';

export type DashboardSettings = Config['dashboard'];

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

export async function serveDashboard(
  { queues, health, log }: { queues: Queues; health: Health; log: Logger },
  settings: DashboardSettings,
): Promise<Dashboard> {
  const server = serve({
    fetch: routes(queues, health, settings).fetch,
    hostname: settings.host,
    port: settings.port,
  }) as Server;
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://${settings.host === '0.0.0.0' ? '127.0.0.1' : settings.host}:${port}`;
  log.info({ address: url }, `dashboard at ${url}`);
  return {
    url,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function routes(queues: Queues, health: Health, settings: DashboardSettings): Hono {
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ alive: true }));
  app.get('/readyz', async (context) => {
    const report = await health.report();
    return context.json(report, report.ready ? 200 : 503);
  });
  if (settings.password !== null) app.use('*', basicAuth({ username: 'tgsync', password: settings.password }));
  app.use(board, withoutForeignHosts);
  app.use(`${board}/*`, withoutForeignHosts);
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

/** Bull Board's page asks Google for fonts; it looks well without them, and nobody learns who reads it. */
async function withoutForeignHosts(context: { res: Response }, next: () => Promise<void>): Promise<void> {
  await next();
  if (!context.res.headers.get('content-type')?.startsWith('text/html')) return;
  const page = (await context.res.text()).replace(/<link[^>]*(googleapis|gstatic)\.com[^>]*>/g, '');
  context.res = new Response(page, { status: context.res.status, headers: context.res.headers });
}
