/** Every file that is known counts once; what is not read yet is estimated, and the truth lies within the error that is told. */
import type { SampledWindow, UndecidedMedia } from '@tgsync/shared/db';
import { expect, test } from 'vitest';
import { planChat, type PlannedKind } from './plan-chat.js';
import { planTable } from './plan-table.js';

const facts = { type: null, name: null, date: null, caption: null, senderId: null, topicId: null };
const photo = (id: bigint, size: bigint): UndecidedMedia => ({ kind: 'photo', id, category: 'photo', size, ...facts });

function windowOf(from: bigint, to: bigint, media: readonly UndecidedMedia[]): SampledWindow {
  return { from, to, messages: media.map((it) => ({ id: from, ...facts, media: [it] })) };
}

test('a file in several messages and chats counts once; one that is saved, or skipped, not at all', () => {
  const counted = new Set(['photo-9']);
  const known = [photo(1n, 10n), photo(1n, 10n), photo(9n, 99n)];
  const unread = { ids: 5n, isExact: true, windows: [windowOf(1n, 5n, [photo(1n, 10n), photo(2n, 20n)])] };
  expect(planChat([], known, unread, counted)).toEqual([
    { kind: 'photo', known: { files: 2, bytes: 30 }, estimated: null },
  ]);
  expect(planChat([], known, unread, counted)).toEqual([]); // another chat has the same ones
  expect(planChat([{ takes: false, when: {} }], [photo(3n, 1n)], undefined, counted)).toEqual([]);
  expect(planChat([], [photo(3n, 1n)], undefined, counted)).toHaveLength(1); // skipped there, wanted here
});

test('of evenly spread files the estimate is right, and says so', () => {
  const windows = Array.from({ length: 10 }, (_, at) => {
    const from = BigInt(at * 1000 + 1);
    return windowOf(
      from,
      from + 99n,
      Array.from({ length: 50 }, (_one, nth) => photo(from + BigInt(nth), 100n)),
    );
  });
  expect(planChat([], [], { ids: 10_000n, isExact: false, windows }, new Set())).toEqual([
    {
      kind: 'photo',
      known: { files: 0, bytes: 0 },
      estimated: { files: 5000, bytes: 500_000, offBy: { files: 0, bytes: 0 } },
    },
  ]);
});

test('the truth is within the told error nine times in ten, whatever the chat looks like', () => {
  let [within, all] = [0, 0];
  for (let seed = 1; seed <= 200; seed++) {
    let state = seed * 7919;
    const random = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    const share = 0.05 + (seed % 90) / 100;
    const has = Array.from({ length: 20_000 }, () => random() < share);
    const windows = Array.from({ length: 10 }, (_, at) => {
      const from = at * 2000 + 950;
      const ids = Array.from({ length: 100 }, (_one, nth) => from + nth).filter((it) => has[it - 1]);
      const media = ids.map((it) => photo(BigInt(it), 1n));
      return windowOf(BigInt(from), BigInt(from + 99), media);
    });
    const truth = has.filter(Boolean).length;
    const [{ estimated }] = planChat([], [], { ids: 20_000n, isExact: false, windows }, new Set()) as [PlannedKind];
    all++;
    if (Math.abs(estimated!.files - truth) <= estimated!.offBy.files) within++;
  }
  expect(within / all).toBeGreaterThan(0.85);
});

test('the table adds up, and marks what is estimated', () => {
  const exact = { kind: 'photo', known: { files: 2, bytes: 3000 }, estimated: null } as const;
  const guessed = {
    kind: 'video',
    known: { files: 1, bytes: 1000 },
    estimated: { files: 999, bytes: 999_000, offBy: { files: 100, bytes: 100_000 } },
  } as const;
  const chats = [
    { id: 5n, title: 'Ann', unreadIds: 9n, kinds: [exact, guessed], problem: null },
    { id: 6n, title: 'Bob', unreadIds: null, kinds: [], problem: 'CHANNEL_PRIVATE' },
  ];
  expect(planTable(chats, []).split('\n')).toEqual([
    'chat  title  kind      files   size  how sure',
    '5     Ann    photo         2   3 kB  exact',
    '             video    ~1,000  ~1 MB  estimated, ±10 %',
    '6     Bob    nothing',
    '',
    'To download: ~1,002 files, ~1 MB (estimated, ±10 %).',
    'chat 6: CHANNEL_PRIVATE',
  ]);
});
