/** A person sees the worst first, with counts and a few examples; a script sees every finding as a line. */
import { asRecord } from '@tgsync/integrity';
import { expect, test } from 'vitest';
import { Report } from './report.js';

test('a line per kind with its count, then examples and what to do', () => {
  const report = new Report(2);
  for (let id = 1n; id <= 1200n; id++) report.add({ kind: 'stray', path: `/media/5/${id} \u202Etxt.exe` });
  report.add({ kind: 'range-owed', chatId: 5n, detail: 'messages 1 to 9 of News' });
  report.add({ kind: 'file-size', path: '/media/photo-by-id/7.jpg', detail: 'a file of 1 bytes instead of 2 bytes' });
  expect(report.isWhole).toBe(false);
  expect(report.of('note')).toBe(1200);
  expect(report.asText().split('\n')).toEqual([
    '       count  what',
    'wrong      1  file with a wrong size',
    'owed       1  messages not read yet',
    'note   1,200  file that does not belong to this archive',
    '',
    'file with a wrong size (`tgsync repair` fixes it):',
    '  /media/photo-by-id/7.jpg: a file of 1 bytes instead of 2 bytes',
    '',
    'messages not read yet (the running fleet fetches it):',
    '  chat 5: messages 1 to 9 of News',
    '',
    'file that does not belong to this archive (check it yourself; tgsync does not touch it):',
    '  /media/5/1 txt.exe',
    '  /media/5/2 txt.exe',
    '  and 1,198 more (--examples N, --json)',
  ]);
});

test('an archive with notes only is whole; a line of JSON has ids as strings', () => {
  const report = new Report(0);
  report.add({ kind: 'link-deleted', path: 'a' });
  expect(report.isWhole).toBe(true);
  const media = { kind: 'photo', id: 2n ** 60n } as const;
  const line = asRecord({ kind: 'link-deleted', media, chatId: -5n, messageId: 7n });
  expect(line).toMatchObject({
    finding: 'link-deleted',
    level: 'note',
    media: { kind: 'photo', id: '1152921504606846976' },
    chat: '-5',
    message: '7',
  });
});
