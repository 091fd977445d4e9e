/** What the log says after an edit of config.json. */
import { expect, test } from 'vitest';
import { settingsChange } from './settings-change.js';

const none = { added: [], dropped: [], selectors: { added: [], dropped: [] }, ranges: [], rules: [], settings: [] };

test('nothing has changed, so nothing is logged', () => {
  expect(settingsChange(none)).toBeUndefined();
});

test('chats, ranges and settings in one line', () => {
  const ranges = [
    { id: 5n, before: { from: 0n, to: 0n }, now: { from: 100n, to: 0n } },
    { id: 6n, before: { from: 1n, to: 50n }, now: { from: 0n, to: 0n } },
  ];
  expect(
    settingsChange({ ...none, added: [-1001n], dropped: [7n, 8n], ranges, rules: [5n], settings: ['messageLimit'] }),
  ).toBe(
    'added chat -1001; removed 2 chats 7, 8 (data kept); range of 5: all → 100–; range of 6: 1–50 → all; rules, period, rechecks or deletions of chat 5; changed messageLimit',
  );
});

test('of very many only the first are named', () => {
  const many = Array.from({ length: 300 }, (_, nth) => BigInt(nth + 1));
  const ranges = many.map((id) => ({ id, before: { from: 0n, to: 0n }, now: { from: 2n, to: 0n } }));
  const told = settingsChange({ ...none, added: many, ranges })!;
  expect(told).toContain('added 300 chats 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 290 more');
  expect(told).toContain('290 more ranges');
});

test('names and folders that came and went are named', () => {
  const selectors = { added: ['@news', 'folder:Work'], dropped: ['*'] };
  expect(settingsChange({ ...none, selectors })).toBe('added @news, folder:Work; removed *');
});
