/** A queue holds each job once, only those in the catalog, and no more than its bound. */
import { createLogger } from '@tgsync/shared/app';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import { type Handlers, openQueues, startWorker, stopWorker } from '@tgsync/shared/jobs';
import { Redis } from 'ioredis';
import { patience } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { eventually, job, onEachBackend, signal } from '@tgsync/testing/backends';

onEachBackend((test) => {
  test('the same work is in the queue once, until it is done', async ({ queues, raw, startWorker }) => {
    await queues.enqueue([job(1n), job(1n), { name: 'download-media', payload: { kind: 'document', id: 1n } }]);
    await queues.enqueue([job(1n)]);
    expect(await queues.counts('media')).toMatchObject({ waiting: 2 });
    const seen: string[] = [];
    const worker = startWorker(async ({ kind, id }) => void seen.push(`${kind} ${id}`));
    await eventually(() => raw.getCompletedCount(), 2);
    expect(seen.sort()).toEqual(['document 1', 'photo 1']);
    await stopWorker(worker);
    await queues.enqueue([job(1n)]);
    expect(await queues.counts('media')).toMatchObject({ waiting: 1 });
  });

  test('an urgent job goes before all that wait', async ({ queues, startWorker }) => {
    await queues.enqueue([job(1n), job(2n)]);
    await queues.enqueue([{ ...job(3n), isUrgent: true }]);
    const seen: bigint[] = [];
    startWorker(async ({ id }) => void seen.push(id), 1);
    await vi.waitUntil(() => seen.length === 3, patience);
    expect(seen).toEqual([3n, 1n, 2n]);
  });

  test.for([
    ['download-media', { kind: 'video', id: '1' }],
    ['download-media', { kind: 'photo', id: '1.5' }],
    ['download-media', { kind: 'photo' }],
    ['no-such-job', { kind: 'photo', id: '1' }],
    ['history-page', { chatId: '1', part: 'a', from: '1', to: '2', limit: 1 }],
  ] as const)('%s with %j is refused at once and runs nothing', async ([name, data], { queues, raw, startWorker }) => {
    let runs = 0;
    startWorker(async () => void runs++);
    await raw.add(name, data, { attempts: 3 });
    await eventually(() => queues.counts('media'), { failed: 1, delayed: 0, waiting: 0 });
    expect(runs).toBe(0);
    expect((await raw.getFailed())[0]!.failedReason).toContain('bad payload');
  });

  test('a queue reports its capacity; waiting and delayed jobs count, failed and running ones do not', async ({
    queues,
    startWorker,
  }) => {
    const whole = await queues.capacity('media');
    expect(whole).toBeGreaterThan(100);
    await queues.enqueue([job(1n), job(2n), job(3n), job(4n)]);
    expect(await queues.capacity('media')).toBe(whole - 4);
    const [running, enough] = [signal(), signal()];
    startWorker(async ({ id }) => {
      if (id === 1n) throw new PermanentError('no');
      if (id === 2n) throw new RetryAfterError(60_000, 'flood wait');
      running.give();
      await enough.given;
    });
    await running.given;
    await eventually(() => queues.counts('media'), { waiting: 1, active: 1, delayed: 1, failed: 1 });
    expect(await queues.capacity('media')).toBe(whole - 2);
    await queues.enqueue(Array.from({ length: whole + 20 }, (_, at) => job(100n + BigInt(at))));
    expect(await queues.capacity('media')).toBe(0);
    expect(await queues.capacity('history')).toBe(whole);
    enough.give();
  });

  test('surveys run at once, however many pages of history are waiting', async ({ queues }) => {
    const ran: string[] = [];
    const [begun, enough] = [signal(), signal()];
    const page = (id: bigint) =>
      ({ name: 'history-page', payload: { chatId: id, part: 'a', from: 1n, to: 9n, limit: 9 } }) as const;
    await queues.enqueue(Array.from({ length: 500 }, (_, at) => page(BigInt(at + 1))));
    expect(await queues.capacity('history')).toBe(0);
    const handlers: Handlers<'history'> = {
      'history-page': async ({ chatId }) => {
        ran.push(`page ${chatId}`);
        begun.give();
        await enough.given;
      },
      'survey-chats': async () => void ran.push('survey'),
      'sample-chat': async () => {},
      'resolve-chats': async () => {},
    };
    const log = createLogger('test', 'silent');
    const worker = startWorker(queues.connection, 'history', handlers, { concurrency: 1, log });
    try {
      await begun.given;
      await queues.enqueue([{ name: 'survey-chats', payload: { chatIds: [7n] } }]);
      enough.give();
      await eventually(async () => ran.length, 501);
    } finally {
      enough.give();
      await stopWorker(worker);
    }
    expect(ran.slice(0, 4)).toEqual(['page 1', 'survey', 'page 2', 'page 3']);
  });

  test('waiting jobs are parsed by the schemas; anything else is removed', async ({ queues, raw, settings }) => {
    await queues.enqueue([job(1n)]);
    for (const data of [{}, { kind: 'photo' }, null, 'photo', { kind: 'photo', id: '9'.repeat(30) }])
      await raw.add('download-media', data);
    await raw.add('accept-login-token', { token: 'YWJj' }, { delay: 60_000 });
    // No library writes this; only a queue in Redis accepts it.
    if (settings.redisUrl) {
      const redis = new Redis(settings.redisUrl);
      const odd = [
        ['opts', 'null'],
        ['opts', '5'],
        ['data', '{'],
        ['parent', '5'],
        ['timestamp', 'x'],
      ] as const;
      for (const [nth, [field, value]] of odd.entries()) {
        await redis.hset(`tgsync-test:media:odd${nth}`, {
          name: 'x',
          data: '{}',
          opts: '{}',
          timestamp: '1',
          [field]: value,
        });
        await redis.lpush('tgsync-test:media:wait', `odd${nth}`);
      }
      await redis.set('tgsync-test:media:text', 'no job');
      await redis.lpush('tgsync-test:media:active', 'text');
      await redis.quit();
      expect(await queues.removeUnreadable('media')).toBe(12);
    } else {
      expect(await queues.removeUnreadable('media')).toBe(6);
    }
    expect((await queues.waiting('media')).map((it) => it.job)).toEqual([job(1n)]);
    expect(await queues.counts('media')).toMatchObject({ waiting: 1, delayed: 0, active: 0 });
    expect(await queues.removeUnreadable('media')).toBe(0);
  });

  test('archives whose queues share a server do not affect each other', async ({
    queues,
    raw,
    settings,
    startWorker,
  }) => {
    if (!settings.redisUrl) return; // in Postgres each has its own database
    const others = await openQueues({ ...settings, archive: 'another' }, () => {});
    try {
      await others.enqueue([job(1n)]);
      await queues.enqueue([job(2n)]);
      const taken: bigint[] = [];
      startWorker(async ({ id }) => void taken.push(id));
      await eventually(() => raw.getCompletedCount(), 1);
      expect(taken).toEqual([2n]);
      expect(await queues.removeUnreadable('media')).toBe(0);
      expect((await others.waiting('media')).map((it) => it.job)).toEqual([job(1n)]);
    } finally {
      await others.close();
    }
  });
});
