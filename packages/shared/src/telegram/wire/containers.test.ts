/** containers.test.ts: messages in a container are handled one by one: an error or an unknown update loses no other answer. */
import { createLogger } from '@tgsync/shared/app';
import { loadConfig } from '@tgsync/shared/config';
import { Account, getUpdatesState } from '@tgsync/shared/telegram';
import { expect } from 'vitest';
import { test as base } from '@tgsync/testing';

const test = base.extend<{ account: Account }>({
  account: async ({ archive, db }, use) => {
    archive.configure({});
    const log = createLogger('test', 'silent');
    const account = new Account({ config: loadConfig(archive.env), env: archive.env, db, log });
    await account.start();
    await getUpdatesState(account);
    await use(account);
    await account.release();
  },
});

test('answers after an error', async ({ telegram, account }) => {
  telegram.faults.add({ method: 'updates.getState', kind: 'error', code: 400, message: 'PTS_CHANGE_EMPTY', times: 1 });
  telegram.faults.add({ method: 'updates.getState', kind: 'gather', answers: 3, errorsFirst: true, times: 3 });
  telegram.resetCounters();
  const asked = await Promise.allSettled([1, 2, 3].map(() => getUpdatesState(account)));
  expect(asked.map((it) => it.status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(telegram.counters().calls['updates.getState']).toBe(3);
});

for (const what of ['update', 'message'] as const)
  for (const where of ['first', 'last'] as const)
    test(`an answer, and an unknown ${what} that comes ${where}`, async ({ telegram, account }) => {
      telegram.faults.add({ method: 'updates.getState', kind: 'unsolicited', what, where, times: 1 });
      telegram.resetCounters();
      await getUpdatesState(account);
      await getUpdatesState(account);
      expect(telegram.counters().calls['updates.getState']).toBe(2);
    });

test('a server that has forgotten us is introduced to us again, with the same call', async ({ telegram, account }) => {
  const forgotten = { kind: 'error', code: 400, message: 'CONNECTION_NOT_INITED' } as const;
  telegram.faults.add({ method: 'updates.getState', ...forgotten, inited: false, fromCall: 1 });
  telegram.resetCounters();
  await getUpdatesState(account);
  expect(telegram.counters().calls['updates.getState']).toBe(2);
});
