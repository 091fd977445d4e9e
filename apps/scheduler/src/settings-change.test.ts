/** What a person reads after an edit of config.json. */
import { expect, test } from 'vitest';
import { settingsChange } from './settings-change.js';

const none = { added: [], dropped: [], ranges: [], settings: [] };

test('nothing has changed: nothing is said', () => {
  expect(settingsChange(none)).toBeUndefined();
});

test('chats, ranges and settings in one line', () => {
  const ranges = [
    { id: 5n, before: { from: 0n, to: 0n }, now: { from: 100n, to: 0n } },
    { id: 6n, before: { from: 1n, to: 50n }, now: { from: 0n, to: 0n } },
  ];
  expect(settingsChange({ added: [-1001n], dropped: [7n, 8n], ranges, settings: ['messageLimit'] })).toBe(
    'config.json has changed: added chat -1001; dropped 2 chats 7, 8, whose data stay; the range of 5 was all and is 100–; ' +
      'the range of 6 was 1–50 and is all; other values of messageLimit',
  );
});

test('of very many the first are named', () => {
  const many = Array.from({ length: 300 }, (_, nth) => BigInt(nth + 1));
  const ranges = many.map((id) => ({ id, before: { from: 0n, to: 0n }, now: { from: 2n, to: 0n } }));
  const told = settingsChange({ ...none, added: many, ranges })!;
  expect(told).toContain('added 300 chats 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 290 more');
  expect(told).toContain('290 more ranges');
});
