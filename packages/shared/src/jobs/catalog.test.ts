/** Payloads survive the queue's JSON to the last digit, and different work has different keys. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type JobName, jobs, parseJob, type Payload, queueNames } from './catalog.js';

const ids = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
const samples: { [N in JobName]: fc.Arbitrary<Payload<N>> } = {
  'survey-chats': fc.record({ chatIds: fc.array(ids, { minLength: 1, maxLength: 100 }) }),
  'resolve-chats': fc.constant({}),
  recheck: fc.constant({}),
  'history-page': fc.record({
    chatId: ids,
    part: fc.stringMatching(/^[\w-]{1,40}$/),
    from: ids,
    to: ids,
    limit: fc.integer({ min: 1, max: 100_000 }),
  }),
  'sample-chat': fc.record({
    chatId: ids,
    from: ids,
    to: ids,
    since: fc.option(fc.maxSafeInteger()),
    until: fc.option(fc.maxSafeInteger()),
  }),
  'ask-again': fc.record({ chatId: ids }),
  'refresh-references': fc.record({ chatId: ids }),
  'grant-media-key': fc.record({
    dcId: fc.integer({ min: 1, max: 1000 }),
    refused: fc.option(fc.string({ maxLength: 64 })),
  }),
  'accept-login': fc.constant({}),
  'download-media': fc.record({ kind: fc.constantFrom('photo', 'document'), id: ids }),
  'remove-links': fc.record({ kind: fc.constantFrom('photo', 'document'), id: ids }),
  'prove-media': fc.record({ kind: fc.constantFrom('photo', 'document'), id: ids }),
};
const names = Object.keys(jobs) as JobName[];
const keyOf = <N extends JobName>(name: N, payload: Payload<N>): string =>
  (jobs[name].key as (it: Payload<N>) => string)(payload);

test.each(names)('%s: a payload comes out of the queue as it went in', (name) => {
  const schema: z.ZodType = jobs[name].payload;
  fc.assert(
    fc.property(samples[name] as fc.Arbitrary<Payload<JobName>>, (payload) => {
      const data: unknown = JSON.parse(JSON.stringify(z.encode(schema, payload)));
      expect(schema.parse(data)).toEqual(payload);
    }),
  );
});

test.each(names)('%s: the queue takes its key, and the key tells one payload from another', (name) => {
  const schema: z.ZodType = jobs[name].payload;
  fc.assert(
    fc.property(samples[name] as fc.Arbitrary<Payload<JobName>>, (payload) => {
      const again = schema.parse(JSON.parse(JSON.stringify(z.encode(schema, payload)))) as Payload<JobName>;
      expect(keyOf(name, again)).toBe(keyOf(name, payload));
    }),
  );
});

test.each([
  ['download-media', { kind: 'photo', id: 12 }],
  ['download-media', { kind: 'photo', id: '1e3' }],
  ['download-media', { kind: 'photo', id: '' }],
  ['download-media', { kind: 'video', id: '12' }],
  ['survey-chats', { chatIds: [] }],
  ['survey-chats', { chatIds: Array.from({ length: 101 }, () => '1') }],
  ['history-page', { chatId: '1', part: 'chain', from: '1', to: '2', limit: 0 }],
  ['grant-media-key', { dcId: 1 }],
  ['grant-media-key', { dcId: 2 ** 40, refused: null }],
  ['grant-media-key', { dcId: 1, refused: 'x'.repeat(65) }],
  ['download-media', { kind: 'photo', id: (2n ** 63n).toString() }],
  ['refresh-references', { chatId: (-(2n ** 63n) - 1n).toString() }],
  ['refresh-references', { chatId: '1'.repeat(1_000_000) }],
  ['history-page', { chatId: '1', part: '../x', from: '1', to: '2', limit: 1 }],
  ['history-page', { chatId: '1', part: 'chain', from: '1', to: '2', limit: 1e9 }],
  ['download-media', null],
  ['download-media', 'photo'],
] as const)('%s refuses %j', (name, data) => {
  expect(jobs[name].payload.safeParse(data).success).toBe(false);
});

test('different work has different keys', () => {
  const a = 2n ** 53n;
  const keys = [
    keyOf('download-media', { kind: 'photo', id: a }),
    keyOf('download-media', { kind: 'photo', id: a + 1n }),
    keyOf('download-media', { kind: 'document', id: a }),
    keyOf('refresh-references', { chatId: a }),
    keyOf('refresh-references', { chatId: -a }),
    keyOf('grant-media-key', { dcId: 1, refused: null }),
    keyOf('grant-media-key', { dcId: 2, refused: null }),
    keyOf('history-page', { chatId: a, part: '100x0', from: 1n, to: 100n, limit: 100 }),
    keyOf('history-page', { chatId: a, part: '100x1', from: 1n, to: 100n, limit: 100 }),
    keyOf('history-page', { chatId: a + 1n, part: '100x0', from: 1n, to: 100n, limit: 100 }),
    keyOf('survey-chats', { chatIds: [1n, 2n, 3n] }),
    keyOf('survey-chats', { chatIds: [1n, 2n] }),
    keyOf('survey-chats', { chatIds: [1n, 4n, 3n] }),
    keyOf('survey-chats', { chatIds: [12n, 3n] }),
    keyOf('survey-chats', { chatIds: [1n, 23n] }),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^[\w-]+$/); // a queue refuses ":"
});

test('a piece of history that is half read is still the same job', () => {
  const piece = { chatId: -1_000_000_000_005n, part: '100x3', from: 301n, limit: 100 };
  expect(keyOf('history-page', { ...piece, to: 400n })).toBe(keyOf('history-page', { ...piece, to: 350n }));
});

test('every job is on an existing queue, and fails eventually', () => {
  for (const name of names) {
    expect(queueNames).toContain(jobs[name].queue);
    expect(jobs[name].attempts).toBeGreaterThan(0);
  }
});

test.each([
  ['media', 'download-media', { kind: 'photo', id: '1' }, 'photo 1'],
  ['media', 'download-media', { kind: 'photo', id: '1', title: {} }, 'photo 1'],
  ['media', 'download-media', {}, undefined],
  ['media', 'download-media', undefined, undefined],
  ['history', 'download-media', { kind: 'photo', id: '1' }, undefined],
  ['media', 'constructor', {}, undefined],
  ['telegram', 'accept-login-token', { token: 'YWJj' }, undefined],
] as const)('on %s %s with %j asks for %j', (queue, name, data, asked) => {
  const job = parseJob(queue, { name, data });
  expect(job?.name === 'download-media' ? `${job.payload.kind} ${job.payload.id}` : job?.name).toBe(asked);
});

test('no payload of a job can carry a permission, a path, a command or an address', () => {
  const fields = names.flatMap((name) => Object.keys((jobs[name].payload as z.ZodObject).shape));
  expect(new Set(fields)).toEqual(
    new Set(['chatIds', 'chatId', 'part', 'from', 'to', 'limit', 'since', 'until', 'dcId', 'refused', 'kind', 'id']),
  );
});
