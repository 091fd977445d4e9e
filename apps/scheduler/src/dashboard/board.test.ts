/** Bull Board, tested on every route that it lists: jobs can be viewed, retried, removed and paused, but never written. */
import { appRoutes, buildHistoryRoutes } from '@bull-board/api/dist/routes.js';
import { openQueues, type Queues } from '@tgsync/shared/jobs';
import { test as base } from '@tgsync/testing';
import type { Hono } from 'hono';
import { expect } from 'vitest';
import { bullBoard } from './board.js';

const test = base.extend<{ queues: Queues; board: Hono }>({
  queues: async ({ databaseUrl }, use) => {
    const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive: 'test' }, () => {});
    await use(queues);
    await queues.close();
  },
  board: async ({ queues }, use) => {
    await use(bullBoard(queues, '/'));
  },
});

const history = { getUsage: () => 0, purge: () => {}, getLatency: () => [] };
const routes = [
  ...appRoutes.api,
  ...buildHistoryRoutes(history as never, { hasUsage: true, canPurge: true, hasLatency: true }),
].flatMap(({ method, route }) =>
  [method].flat().flatMap((it) => [route].flat().map((path) => ({ method: it.toUpperCase(), path }))),
);
const writing = routes.filter((it) => it.method !== 'GET');

const harmless =
  /^\/api\/queues\/(:queueName\/)?((:jobId\/)?(retry|promote|clean)|(retry|clean)\/:queueStatus|empty|pause|resume)$/;

async function ask(board: Hono, method: string, path: string, body?: object): Promise<Response> {
  return await board.request(path, { method, ...(body && { body: JSON.stringify(body) }) });
}

test('routes that would write a job, or anything but its state, do not exist', async ({ queues, board }) => {
  const job = await queues.byName.media.add('download-media', { kind: 'photo', id: '1' });
  const forbidden = writing.filter(({ path }) => !harmless.test(path));
  expect(forbidden.length).toBeGreaterThan(10);
  for (const { method, path } of forbidden) {
    const url = path.replace(':queueName', 'media').replace(':jobId', job.id!).replace(/:\w+/g, 'failed');
    const body = { name: 'accept-login', data: { token: 'x' }, options: {}, jobData: { id: '2' }, concurrency: 1 };
    const answer = await ask(board, method, url, body);
    expect({ route: `${method} ${path}`, status: answer.status }).toEqual({ route: `${method} ${path}`, status: 404 });
    expect(await answer.text()).toBe('404 Not Found'); // no handler of the board said so
  }
  expect(await queues.byName.media.getJobCounts()).toMatchObject({ waiting: 1 });
  expect((await queues.byName.media.getJob(job.id!))?.data).toEqual({ kind: 'photo', id: '1' });
});

test('routes that a person needs exist', async ({ queues, board }) => {
  const { media } = queues.byName;
  const allowed = writing.filter(({ path }) => harmless.test(path));
  expect(allowed.length).toBe(11);
  for (const { method, path } of allowed) {
    const job = await media.add('download-media', { kind: 'photo', id: '1' }, { delay: 3_600_000 });
    const url = path.replace(':queueName', 'media').replace(':jobId', job.id!).replace(/:\w+/g, 'failed');
    const answer = await ask(board, method, url);
    expect(await answer.text(), path).not.toBe('404 Not Found');
  }
  await media.obliterate({ force: true });
  await media.add('download-media', {});
  expect((await ask(board, 'PUT', '/api/queues/media/pause')).status).toBe(200);
  expect(await media.isPaused()).toBe(true);
  expect((await ask(board, 'PUT', '/api/queues/media/empty')).ok).toBe(true);
  expect(await media.count()).toBe(0);
});

test('a job with an invalid title, or with everything invalid, is shown with the others', async ({ queues, board }) => {
  const odd = [{ title: { a: 1 } }, { title: ['x'] }, { title: 7 }, { title: '' }, null, 'text', 5];
  for (const data of odd) await queues.byName.media.add('download-media', data);
  const answer = await ask(board, 'GET', '/api/queues?activeQueue=media&status=waiting&page=1&jobsPerPage=20');
  expect(answer.status).toBe(200);
  const { queues: shown } = (await answer.json()) as { queues: { name: string; jobs: { name: unknown }[] }[] };
  const names = shown.find((it) => it.name === 'media')!.jobs.map((it) => it.name);
  expect(names).toEqual(odd.map(() => 'download-media'));
});
