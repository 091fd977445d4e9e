/** An error is logged with its message and stack, whatever a library attached to it. */
import { expect, test } from 'vitest';
import { loggableError } from './loggable-error.js';

test('what libraries attach to their errors is left out, also on their causes', () => {
  const secret = 'k33p-m3';
  const options = { proxy: { userId: 'me', password: secret } };
  const cause = Object.assign(new Error('refused'), { options, code: 'ECONNREFUSED' });
  const error = Object.assign(new TypeError('Invalid URL', { cause }), {
    code: 'ERR_INVALID_URL',
    input: `postgresql://me:${secret}@host/db`,
    command: { name: 'auth', args: [secret] },
  });
  const shown = loggableError(error);
  expect(JSON.stringify(shown)).not.toContain(secret);
  expect(shown).toMatchObject({ type: 'TypeError', message: 'Invalid URL', code: 'ERR_INVALID_URL' });
  expect(shown.stack).toMatch(/^TypeError: Invalid URL\n {4}at [^]*\ncaused by: Error: refused\n {4}at /);
});

test('circular causes end', () => {
  const error = new Error('a');
  error.cause = error;
  expect(loggableError(error).stack).toContain('caused by');
});

test('anything that is not an error is logged as it is', () => {
  expect(loggableError('gone')).toEqual({ type: 'string', message: 'gone', stack: undefined });
  expect(loggableError(Object.assign(new Error('x'), { code: { secret: 1 } }))).not.toHaveProperty('code');
});
