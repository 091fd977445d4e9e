/** Whatever was opened is closed once, in reverse order; also if it was opened after the close. */
import { expect, test } from 'vitest';
import { Scope } from './scope.js';

test('in reverse, each once, and the first error is thrown after everything was tried', async () => {
  const scope = new Scope();
  const closed: number[] = [];
  for (const it of [1, 2, 3])
    scope.use(it, () => {
      closed.push(it);
      if (it !== 1) throw new Error(`no ${it}`);
    });
  await expect(scope.close()).rejects.toThrow('no 3');
  await scope.close();
  expect(closed).toEqual([3, 2, 1]);
});

test('what is opened after the close is released, and its opener does not continue', async () => {
  const scope = new Scope();
  await scope.close();
  let released = 0;
  expect(() => scope.use('late', () => released++)).toThrow('after its scope was closed');
  expect(() =>
    scope.use('late', () => {
      released++;
      throw new Error('cannot be closed');
    }),
  ).toThrow('after its scope was closed');
  expect(released).toBe(2);
});
