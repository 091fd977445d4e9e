import { expect, test } from 'vitest';
import { KeyLostError, LoginLostError } from '../wire/errors.js';
import { before, lost, meaning, type Policy, retried } from './policies.js';

test('the policy nearest to the call interprets its error first; the farthest decides first whether it may be made', async () => {
  const asked: string[] = [];
  const policy = (name: string): Policy => ({
    before: async () => void asked.push(name),
    meaning: async (error) => new Error(`${name} of ${(error as Error).message}`),
  });
  const policies = [policy('far'), { meaning: async (error: unknown) => error }, policy('near')];
  await before(policies);
  expect(asked).toEqual(['far', 'near']);
  expect(await meaning(policies, new Error('it'))).toEqual(new Error('far of near of it'));
});

test('lost keys and lost logins are handled by the caller, nothing else is', async () => {
  const policies = [lost(({ message }) => new Error(`${message} is gone`))];
  expect(await meaning(policies, new KeyLostError('a key'))).toEqual(new Error('a key is gone'));
  expect(await meaning(policies, new LoginLostError('a login'))).toEqual(new Error('a login is gone'));
  const other = new Error('other');
  expect(await meaning(policies, other)).toBe(other);
});

test('a call is retried as long as that may help, and no more often than allowed', async () => {
  const [passing, final] = [new Error('passing'), new Error('final')];
  const retries = { tries: 3, isWorthIt: (error: unknown) => error === passing, signal: undefined };
  for (const [errors, calls, end] of [
    [[passing], 2, 'done'],
    [[passing, final], 2, final],
    [[passing, passing, passing], 3, passing],
  ] as const) {
    let made = 0;
    const told: Error[] = [];
    const call = async () => {
      const error = errors[made++];
      if (error) throw error;
      return 'done';
    };
    const result = await retried(call, { ...retries, onRetry: (it) => told.push(it) }).catch((it: unknown) => it);
    expect([result, made, told.length]).toEqual([end, calls, calls - 1]);
  }
});
