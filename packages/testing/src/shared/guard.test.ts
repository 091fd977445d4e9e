/** guard.test.ts: what the Telegram library sends by itself, below every call of ours, is not sent without the right to use the account. */
import { createLogger } from '@tgsync/shared/app';
import { loadConfig } from '@tgsync/shared/config';
import { closeDb, openDb } from '@tgsync/shared/db';
import { Account, getUpdatesState } from '@tgsync/shared/telegram';
import { expect, vi } from 'vitest';
import { Cable } from '../cable.js';
import { test } from '../fixtures.js';

test('a call that Telegram wants again after the lease ran out unnoticed is not sent again', async ({
  telegram,
  archive,
}) => {
  archive.configure({}, { tg: { lease_ttl: 2 } });
  const url = new URL(archive.databaseUrl);
  const cable = await Cable.to(Number(url.port));
  url.port = String(cable.port);
  const db = await openDb(url.href);
  const [config, log] = [loadConfig(archive.env), createLogger('test', 'silent')];
  const account = new Account({ config, env: archive.env, db, log });
  try {
    await account.start();
    await getUpdatesState(account);
    const method = 'updates.getState';
    telegram.faults.add({ method, kind: 'delay', ms: 4000, times: 1 });
    const refused = telegram.faults.add({ method, kind: 'wrong-salt', times: 1 });
    telegram.resetCounters();
    const asked = getUpdatesState(account);
    const failed = expect(asked).rejects.toThrow('standing by');
    await refused.hit;
    cable.hold(); // no answer of the database, so that nobody tells the holder
    await vi.waitUntil(() => !mayUse(account), { timeout: 10_000, interval: 5 });
    await failed;
    expect(telegram.counters().calls[method]).toBe(1);
  } finally {
    cable.mend();
    await account.release();
    await closeDb(db);
    await cable.close();
  }
});

function mayUse(account: Account): boolean {
  try {
    account.guard();
    return true;
  } catch {
    return false;
  }
}
