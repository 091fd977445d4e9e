/** guard.test.ts: what GramJS sends by itself, below all our calls, is not sent without the right to use the account. */
import { createLogger } from '@tgsync/shared/app';
import { loadConfig } from '@tgsync/shared/config';
import { closeDb, openDb } from '@tgsync/shared/db';
import { RetryAfterError } from '@tgsync/shared/errors';
import { Sessions } from '@tgsync/shared/session';
import { Account, getUpdatesState, grantMediaKey } from '@tgsync/shared/telegram';
import { expect, vi } from 'vitest';
import { Cable } from '@tgsync/testing/cable';
import { patience, test as base } from '@tgsync/testing';

const test = base.extend<{ held: { account: Account; cable: Cable; deps: ConstructorParameters<typeof Account>[0] } }>({
  /** An account that holds its lease, over a cable to the database: held still, nobody tells the holder that its time is up. */
  held: async ({ archive }, use) => {
    archive.configure({}, { tg: { lease_ttl: 2 } });
    const url = new URL(archive.databaseUrl);
    const cable = await Cable.to(Number(url.port));
    url.port = String(cable.port);
    const db = await openDb(url.href);
    const deps = { config: loadConfig(archive.env), env: archive.env, db, log: createLogger('test', 'silent') };
    const account = new Account(deps);
    await account.start();
    await use({ account, cable, deps });
    cable.restore();
    await account.release();
    await closeDb(db);
    await cable.close();
  },
});

test('a call that Telegram wants resent after the lease expired unnoticed is not resent', async ({
  telegram,
  held: { account, cable },
}) => {
  await vi.waitFor(() => getUpdatesState(account), patience); // on a busy machine so short a lease is sometimes lost
  const method = 'updates.getState';
  const late = telegram.faults.add({ method, kind: 'late', times: 1 });
  const refused = telegram.faults.add({ method, kind: 'wrong-salt', times: 1 });
  telegram.resetCounters();
  const asked = getUpdatesState(account);
  const failed = expect(asked).rejects.toThrow('standing by');
  await refused.hit;
  cable.hold();
  await vi.waitUntil(() => !mayUse(account), { ...patience, interval: 5 });
  late.remove();
  await failed;
  expect(telegram.counters().calls[method]).toBe(1);
});

for (const { when, method, kind } of [
  { when: 'before it is made', method: 'auth.exportAuthorization', kind: undefined },
  { when: 'while it joins the login', method: 'auth.importAuthorization', kind: 'wrong-salt' },
] as const)
  test(`a key of a data centre whose lease runs out ${when} waits for the login: that is no failure`, async ({
    telegram,
    held: { account, cable, deps },
  }) => {
    const late = telegram.faults.add({ method, kind: 'late', times: 1 });
    if (kind) telegram.faults.add({ method, kind, times: 1 });
    const granted = grantMediaKey({ account, ...deps }, 4, null).catch((error: unknown) => error);
    await Promise.race([late.hit, granted]);
    cable.hold();
    await vi.waitUntil(() => !mayUse(account), patience);
    late.remove();
    expect(await granted).toBeInstanceOf(RetryAfterError);
  });

test('a connection still being opened when its lease was lost is not used under the lease of another login', async ({
  telegram,
  archive,
  db,
}) => {
  archive.configure({}, { tg: { lease_ttl: 2 } });
  const [config, log] = [loadConfig(archive.env), createLogger('test', 'silent')];
  const sessions = new Sessions(config, archive.env);
  const first = sessions.read(1)!;
  await archive.logIn();
  sessions.write(2, sessions.read(1)!);
  sessions.write(1, first);
  const account = new Account({ config, env: archive.env, db, log });
  try {
    await account.start();
    const connections: number[] = [];
    telegram.onCall(({ connection }) => connections.push(connection));
    const late = telegram.faults.add({ method: 'help.getConfig', kind: 'late', times: 1 });
    const asked = getUpdatesState(account).catch((error: unknown) => error);
    await late.hit;
    // Another worker has the first login now; this one takes the second while its connection is still being opened.
    await db.$executeRaw`UPDATE session_lease SET fence = fence + 1 WHERE session = 1`;
    await vi.waitUntil(async () => await db.sessionLease.findUnique({ where: { session: 2 } }), patience);
    late.remove();
    await asked;
    await getUpdatesState(account);
    await getUpdatesState(account);
    const [ofFirst, ...more] = connections;
    expect(more.filter((it) => it === ofFirst)).toEqual([]);
    expect(new Set(more).size).toBe(1);
  } finally {
    await account.release();
  }
});

function mayUse(account: Account): boolean {
  try {
    account.held();
    return true;
  } catch {
    return false;
  }
}
