/** As many calls as Telegram puts up with, and the chats take turns. */
import { RetryAfterError } from '@tgsync/shared/errors';
import { expect, test } from 'vitest';
import { InFlight } from './in-flight.js';

/** Calls that are in flight until they are ended. */
class Calls {
  readonly running: { chat: bigint; end: (error?: Error) => void }[] = [];
  private readonly settled: Promise<unknown>[] = [];

  constructor(private readonly pages: InFlight) {}

  /** `by`: the job's; each job has its own. */
  add(chat: bigint, by = new AbortController().signal): void {
    const call = () =>
      new Promise<void>((resolve, reject) => {
        const end = (error?: Error) => (error ? reject(error) : resolve());
        this.running.push({ chat, end });
      });
    this.settled.push(this.pages.run(chat, by, call).catch(() => {}));
  }

  /** Ends the oldest one. */
  async end(error?: Error): Promise<void> {
    this.running.shift()!.end(error);
    await turns();
  }
}

/** Lets everything happen that waits for nothing else. */
const turns = () => new Promise((resolve) => setImmediate(resolve));

const flood = () => new RetryAfterError(1000, 'FLOOD_WAIT_1');

async function busy(most: number): Promise<Calls> {
  const calls = new Calls(new InFlight(most));
  for (let call = 0; call < 60; call++) calls.add(1n);
  await turns();
  return calls;
}

test('begins with two, grows by one a round, up to the most', async () => {
  const calls = await busy(4);
  const seen = [calls.running.length];
  for (let call = 0; call < 8; call++) {
    await calls.end();
    seen.push(calls.running.length);
  }
  expect(seen).toEqual([2, 2, 3, 3, 3, 4, 4, 4, 4]);
});

test('a flood wait halves it, and those of the same burst do no more', async () => {
  const calls = await busy(4);
  for (let call = 0; call < 8; call++) await calls.end();
  const inFlight = [];
  for (let call = 0; call < 4; call++) {
    await calls.end(flood());
    inFlight.push(calls.running.length);
  }
  expect(inFlight).toEqual([3, 2, 2, 2]);
});

test('never fewer than one, and another error changes nothing', async () => {
  const calls = await busy(4);
  await calls.end(new Error('of the call itself'));
  expect(calls.running).toHaveLength(2);
  for (let call = 0; call < 10; call++) await calls.end(flood());
  expect(calls.running).toHaveLength(1);
});

test('a chat with one call does not wait for all those of another', async () => {
  const calls = await busy(2);
  calls.add(2n);
  calls.add(3n);
  await calls.end();
  await calls.end();
  await calls.end();
  expect(calls.running.map((it) => it.chat)).toEqual([2n, 3n]);
});

test('who stops waiting takes no turn', async () => {
  const pages = new InFlight(1);
  const calls = new Calls(pages);
  calls.add(1n);
  const stop = new AbortController();
  let called = false;
  const waiting = pages.run(1n, stop.signal, async () => void (called = true));
  stop.abort(new Error('shutdown'));
  await expect(waiting).rejects.toThrow('shutdown');
  await turns();
  await calls.end();
  calls.add(2n);
  await turns();
  expect([called, calls.running.map((it) => it.chat)]).toEqual([false, [2n]]);
});
