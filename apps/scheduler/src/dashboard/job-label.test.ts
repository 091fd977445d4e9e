/** A job's label is one line of text, whatever the job contains. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelOf } from './job-label.js';

test.each([
  [{ name: 'download-media', data: { title: 'Cats: film.mp4' } }, 'Cats: film.mp4'],
  [{ name: 'download-media', data: {} }, 'download-media'],
  [{ name: 'download-media', data: { title: { a: 1 } } }, 'download-media'],
  [{ name: 'download-media', data: { title: ['Cats'] } }, 'download-media'],
  [{ name: 'download-media', data: { title: 7 } }, 'download-media'],
  [{ name: 'download-media', data: { title: ' \n\u202E' } }, 'download-media'],
  [{ name: 'download-media', data: null }, 'download-media'],
  [{ name: 'download-media', data: 'text' }, 'download-media'],
  [{ name: { $$typeof: 'x' }, data: {} }, 'unnamed job'],
  [{ name: 'x', data: { title: 'one\ntwo\u0007\u202Ethree' } }, 'one two  three'],
  [undefined, 'unnamed job'],
])('%j is called %s', (job, label) => {
  expect(labelOf(job)).toBe(label);
});

test('it is a short, well-formed text for any input', () => {
  fc.assert(
    fc.property(
      fc.record({ name: fc.anything(), data: fc.anything() }),
      fc.string({ unit: 'binary' }),
      (job, title) => {
        for (const it of [labelOf(job), labelOf({ name: 'x', data: { title: title.repeat(50) } })]) {
          expect(typeof it).toBe('string');
          expect(it.isWellFormed()).toBe(true);
          expect(it.length).toBeGreaterThan(0);
          expect(it.length).toBeLessThanOrEqual(120);
        }
      },
    ),
  );
});
