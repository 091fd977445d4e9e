/**
 * board.ts: Bull Board with human-readable queues. It can never write a job: of the routes that change something only those in `allowed`
 * exist, so routes that a later version adds do not either.
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { AppControllerRoute } from '@bull-board/api/typings/app';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import type { QueueName, Queues } from '@tgsync/shared/jobs';
import type { Hono } from 'hono';
import { labelOf } from './job-label.js';

/** What a person may do with existing jobs. */
const allowed: ReadonlySet<string> = new Set([
  'put /api/queues/pause',
  'put /api/queues/resume',
  'put /api/queues/:queueName/pause',
  'put /api/queues/:queueName/resume',
  'put /api/queues/:queueName/empty',
  'put /api/queues/:queueName/promote',
  'put /api/queues/:queueName/retry/:queueStatus',
  'put /api/queues/:queueName/clean/:queueStatus',
  'put /api/queues/:queueName/:jobId/retry',
  'put /api/queues/:queueName/:jobId/promote',
  'put /api/queues/:queueName/:jobId/clean',
]);

class GuardedAdapter extends HonoAdapter {
  override setApiRoutes(routes: AppControllerRoute[]) {
    return super.setApiRoutes(routes.flatMap(withoutWriting));
  }
}

/** Registers each method and path separately; those that change something only if allowed. */
function withoutWriting(route: AppControllerRoute): AppControllerRoute[] {
  const paths = [route.route].flat();
  return [route.method].flat().flatMap((method) => {
    const left = paths.filter((path) => method === 'get' || allowed.has(`${method} ${path}`));
    return left.length > 0 ? [{ ...route, method, route: left }] : [];
  });
}

const labels: Record<QueueName, { name: string; description: string }> = {
  history: { name: 'History', description: 'Checks for new messages and reads history' },
  media: { name: 'Media', description: 'Downloads files and links them into chat folders' },
  telegram: { name: 'Telegram', description: 'Renews file references and data centre keys' },
};

export function bullBoard(queues: Queues, basePath: string): Hono {
  const adapter = new GuardedAdapter(serveStatic);
  adapter.setBasePath(basePath);
  createBullBoard({
    queues: (Object.keys(labels) as QueueName[]).map((it) => described(queues, it)),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'tgsync', hideRedisDetails: true } },
  });
  return adapter.registerPlugin();
}

function described(queues: Queues, name: QueueName): BullMQAdapter {
  const { name: displayName, description } = labels[name];
  const adapter = new BullMQAdapter(queues.byName[name], { displayName, description });
  adapter.setFormatter('name', labelOf);
  return adapter;
}
