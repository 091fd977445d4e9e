/** A table of thousands of rows looks like one of a few, and takes no longer for each. */
import { expect, test } from 'vitest';
import { textTable } from './text-table.js';

test('columns are as wide as their widest cell, wherever it is, and numbers end at the same place', () => {
  const rows = Array.from({ length: 250 }, (_, at) => [`chat ${at}`, String(at)]);
  rows[170] = ['日本語のとても長い題名', '1000000'];
  const lines = textTable(['title', 'count'], rows, [1]).split('\n');
  expect(lines).toHaveLength(251);
  expect(lines[0]).toBe(`title${' '.repeat(21)}count`);
  expect(lines[1]).toBe(`chat 0${' '.repeat(24)}0`);
  expect(lines[171]).toBe('日本語のとても長い題名  1000000');
  expect(lines[250]).toBe(`chat 249${' '.repeat(20)}249`);
  expect(textTable(['only', 'heads'], [])).toBe('only  heads');
});

test('the time grows with the rows and not with their square', () => {
  const cpuOf = (count: number) => {
    const rows = Array.from({ length: count }, (_, at) => Array.from({ length: 8 }, () => String(at)));
    const before = process.cpuUsage();
    textTable(
      Array.from({ length: 8 }, () => 'x'),
      rows,
    );
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  cpuOf(500); // compiled
  expect(cpuOf(16_000) / cpuOf(2000)).toBeLessThan(30);
});
