/** Large files keep to their slots; small ones make room for more jobs, and large ones take it back. */
import { RetryAfterError } from '@tgsync/shared/errors';
import { expect, test } from 'vitest';
import { DownloadSlots } from './download-slots.js';

const never = new AbortController().signal;

function open(slots = 2) {
  const jobs: number[] = [];
  return {
    jobs,
    slots: new DownloadSlots(
      () => slots,
      (it) => jobs.push(it),
    ),
  };
}

/** Until everything has run that waits for nothing. */
const turn = () => new Promise((go) => setImmediate(go));

/** Work that ends when told to. */
function held(): { work: () => Promise<string>; end: () => void; begun: () => boolean } {
  let [begun, end] = [false, () => {}];
  const ended = new Promise<void>((go) => (end = go));
  return {
    end: () => end(),
    begun: () => begun,
    work: async () => {
      begun = true;
      await ended;
      return 'done';
    },
  };
}

test('no more large files at once than there are slots, in the order in which they came', async () => {
  const { slots } = open();
  const files = [held(), held(), held(), held()];
  const done = files.map((it) => slots.large(never, it.work));
  await turn();
  expect(files.map((it) => it.begun())).toEqual([true, true, false, false]);
  files[1]!.end();
  await turn();
  expect(files.map((it) => it.begun())).toEqual([true, true, true, false]);
  for (const it of files) it.end();
  expect(await Promise.all(done)).toEqual(['done', 'done', 'done', 'done']);
});

test('small files do not wait for large ones, and make room for three times as many jobs', async () => {
  const { slots, jobs } = open();
  const large = [held(), held()];
  const busy = large.map((it) => slots.large(never, it.work));
  expect(jobs).toEqual([2, 2]);
  for (let nth = 0; nth < 8; nth++) expect(await slots.small(async () => nth)).toBe(nth);
  expect(jobs.slice(2)).toEqual([3, 4, 5, 6, 7, 8, 8, 8]);
  for (const it of large) it.end();
  await Promise.all(busy);
  await slots.large(never, async () => {});
  expect(jobs.at(-1)).toBe(7);
});

test('a large file that gets no slot goes back to the queue, and leaves its place to others', async () => {
  const { slots } = open(1);
  const first = held();
  const busy = slots.large(never, first.work);
  const second = slots.large(never, async () => 'second');
  await expect(second).rejects.toThrow(RetryAfterError);
  const stopping = new AbortController();
  const third = slots.large(stopping.signal, async () => 'third');
  stopping.abort(new Error('shutdown'));
  await expect(third).rejects.toThrow('shutdown');
  const fourth = slots.large(never, async () => 'fourth');
  first.end();
  await busy;
  expect(await fourth).toBe('fourth');
});
