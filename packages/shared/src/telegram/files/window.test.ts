/** The window fills a long line, does not queue on a busy one, and gives way when Telegram asks to wait. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Window } from './window.js';

interface Line {
  /** Milliseconds that an answer takes however few calls there are. */
  latency: number;
  /** Milliseconds that the line needs for each answer; those of other calls are waited for. */
  service: number;
}

/** Keeps the window full for so many answers; returns its limit after each. */
function limitsOn({ latency, service }: Line, count: number, window = new Window(() => 32), from = 0): number[] {
  const limits: number[] = [];
  const inFlight: { sent: number; back: number }[] = [];
  let [now, free] = [from, from];
  for (let index = 0; index < count; index++) {
    while (inFlight.length < window.limit) {
      free = Math.max(free, now) + service;
      inFlight.push({ sent: now, back: free + latency });
    }
    const { sent, back } = inFlight.shift()!;
    now = Math.max(now, back);
    window.answered(now, back - sent, true);
    limits.push(window.limit);
  }
  return limits;
}

const last = (limits: number[]) => limits.slice(-50);

test('on a long line it grows until the line is full', () => {
  expect(Math.min(...last(limitsOn({ latency: 60, service: 1 }, 2000)))).toBe(32);
});

test('on a slow line it stays small enough for quick answers, and large enough to keep the line busy', () => {
  for (const service of [20, 50, 200]) {
    const limits = last(limitsOn({ latency: 30, service }, 2000));
    const quickest = 30 + service;
    expect(Math.max(...limits) * service, `${service} ms`).toBeLessThan(quickest * 4 + 200);
    expect(Math.min(...limits) * service, `${service} ms`).toBeGreaterThanOrEqual(quickest * 0.8);
  }
});

test('a flood wait or a broken line halves it, once for all calls that were in flight, and it grows again', () => {
  const window = new Window(() => 32);
  limitsOn({ latency: 60, service: 1 }, 2000, window);
  for (let call = 0; call < 32; call++) window.refused(1_000_000 + call);
  expect(window.limit).toBe(16);
  expect(last(limitsOn({ latency: 60, service: 1 }, 2000, window, 2_000_000)).at(-1)).toBe(32);
});

test('when the line gets longer, the quick answers of before do not count for long', () => {
  const window = new Window(() => 32);
  limitsOn({ latency: 5, service: 0 }, 2000, window);
  limitsOn({ latency: 400, service: 1 }, 5000, window, 100_000);
  expect(window.limit).toBe(32);
});

test('it is never below one, nor above what the connections can carry, and unused calls do not make it grow', () => {
  const event = fc.oneof(fc.constant('refused' as const), fc.record({ ms: fc.nat(5000), isFull: fc.boolean() }));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 300 }), fc.integer({ min: 2, max: 40 }), (events, most) => {
      const window = new Window(() => most);
      for (const [index, it] of events.entries()) {
        const before = window.limit;
        if (it === 'refused') window.refused(index * 1000);
        else window.answered(index * 1000, it.ms, it.isFull);
        expect(window.limit).toBeGreaterThanOrEqual(1);
        expect(window.limit).toBeLessThanOrEqual(Math.max(2, most));
        if (before > 1 && (it === 'refused' || !it.isFull)) expect(window.limit).toBeLessThanOrEqual(before);
      }
    }),
  );
});
