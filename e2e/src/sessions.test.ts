/** sessions.test.ts: we never cause the login to end; if Telegram ends it, that is shown with the remedy, and work continues after a new login. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '@tgsync/shared/config';
import { Sessions } from '@tgsync/shared/session';
import { type Archive, test, patience } from '@tgsync/testing';
import { Cable } from '@tgsync/testing/cable';
import { expect, vi } from 'vitest';
import { spawnTgsync, tgsync } from './command-line.js';
import { asOwner } from './dashboard-login.js';
import { holderStandsStill, isHolding, keyMadeAnewOnce, mainConnections, stored } from './login-stories.js';
import { expectWhole } from './whole.js';

async function status(archive: Archive): Promise<{ troubles: string[] }> {
  const { stdout, stderr, code } = await tgsync(archive.env, ['status', '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as { troubles: string[] };
}

test(
  'a holder paused for longer than its lease sends nothing after another one took over',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    await holderStandsStill({ world, telegram, archive, fleet, db }, { leaseTtl: 2, stillMs: 0 });
  },
);

test(
  'login --add: two fetch workers read in parallel, each with its own login; one login is ended',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessages(4000);
    archive.configure({ [chat.id.toString()]: {} }, { tg: { message_limit: 100 } });
    // Nothing is running, so the command line approves the new login itself. The fleet approves the next one.
    const added = await tgsync(archive.env, ['login', '--add']);
    expect(added.code, added.stderr).toBe(0);
    const [one, two] = [fleet.start('fetch-worker'), fleet.start('fetch-worker')];
    for (const it of [one, two]) await fleet.until((line) => line.worker === it.pid && isHolding(line));
    const again = await tgsync(archive.env, ['login', '--add']);
    expect(again.code, again.stderr).toBe(0);
    expect(telegram.counters().calls['auth.sendCode']).toBe(1); // only for the first login

    const main = mainConnections(telegram);
    fleet.start('media-worker');
    expect(await fleet.exit(fleet.start('scheduler', '--once')), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    expect(main.byLastCall().length).toBe(2);
    const listed = await tgsync(archive.env, ['sessions', '--json']);
    const rows = JSON.parse(listed.stdout) as { number: number; state: string }[];
    expect(rows.map((it) => it.number)).toEqual([1, 2, 3]);
    expect(rows.filter((it) => it.state === 'in use').length).toBe(2);

    const ended = await tgsync(archive.env, ['sessions', 'end', '2']);
    expect(ended.code, ended.stderr).toBe(0);
    expect(telegram.counters().calls['auth.logOut']).toBe(1);
    await vi.waitUntil(async () => {
      const now = JSON.parse((await tgsync(archive.env, ['sessions', '--json'])).stdout) as {
        number: number;
        state: string;
      }[];
      return now.map((it) => `${it.number} ${it.state}`).join() === '1 in use,3 in use';
    }, patience);
    expect(telegram.counters().sessionRuleViolations).toBe(0);
  },
);

test(
  'ending a login that fails or is interrupted leaves it to its worker; a new login is written while nobody uses the old one',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    archive.configure({ [chat.id.toString()]: {} }, { tg: { sync_interval: 1, lease_ttl: 2 } });
    fleet.start('fetch-worker');
    fleet.start('scheduler');
    let total = 0;
    const readsOn = async () => {
      chat.addMessages(50);
      total += 50;
      await vi.waitUntil(async () => (await stored(db)) === total, patience);
    };
    await readsOn();
    const refusal = { kind: 'error', code: 500, message: 'INTERNAL' } as const;
    const refused = telegram.faults.add({ method: 'auth.logOut', ...refusal });
    expect((await tgsync(archive.env, ['sessions', 'end', '1'])).code).not.toBe(0);
    expect((await status(archive)).troubles).toEqual([]);
    await readsOn();
    refused.remove();

    const late = telegram.faults.add({ method: 'auth.logOut', kind: 'delay', ms: 120_000, times: 1 });
    const ending = spawnTgsync(archive.env, ['sessions', 'end', '1']);
    await late.hit;
    const being = 'login 1 is being logged out or replaced';
    expect((await status(archive)).troubles.join()).toContain(being);
    const dashboard = (await fleet.until((it) => it.msg === 'dashboard listening')).address as string;
    const readyz = async () => await (await fetch(`${dashboard}/readyz`, { headers: asOwner(archive.env) })).text();
    expect(await readyz()).toContain(being);
    ending.kill('SIGKILL');
    await readsOn();
    expect((await status(archive)).troubles).toEqual([]);

    const { phone, code } = world.account;
    const before = readFileSync(join(archive.env.appdata, 'tgsync.session'), 'utf8');
    const again = await tgsync(archive.env, ['login'], [phone, code]);
    expect(again.code, again.stderr).toBe(0);
    await readsOn();
    const after = readFileSync(join(archive.env.appdata, 'tgsync.session'), 'utf8');
    const keysOf = (text: string) => Object.values((JSON.parse(text) as { keys: Record<string, string> }).keys);
    expect(keysOf(after)).not.toEqual(expect.arrayContaining(keysOf(before)));
    const holders = fleet.log.filter(isHolding).map((it) => it.fence);
    expect(Number(holders.at(-1))).toBeGreaterThanOrEqual(7); // the worker's and the commands', alternating
    expect((await status(archive)).troubles).toEqual([]);
    expect(telegram.counters().sessionRuleViolations).toBe(0);
  },
);

test('login --add asks for the two-step password once', { tags: 'thorough' }, async ({ world, telegram, archive }) => {
  world.addChannel({ title: 'News' });
  archive.configure({});
  telegram.world.account.password = 'correct horse';
  const added = await tgsync(archive.env, ['login', '--add'], ['wrong', 'correct horse']);
  expect(added.code, added.stderr).toBe(0);
  expect(added.stderr).toContain('Wrong password');
});

/** Other endings are covered in packages/shared/src/telegram/wire/errors.test.ts. */
for (const [ending, options] of [
  ['SESSION_REVOKED', {}],
  ['forgotten key', { tags: 'thorough' }],
] as const) {
  const title = `${ending}: whatever needs the login waits, which is shown everywhere, and continues after a new login`;
  test(title, options, async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessages(100);
    archive.configure({ [chat.id.toString()]: {} }, { tg: { sync_interval: 1 } });
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    fleet.start('scheduler');
    await vi.waitUntil(async () => (await stored(db)) === 100, patience);
    const fault =
      ending === 'forgotten key'
        ? undefined
        : telegram.faults.add({ method: /^(messages|updates)/, kind: 'error', code: 401, message: ending });
    if (!fault) telegram.forgetKeys();
    const silence = telegram.pushes.fault({ kind: 'drop' }); // nothing is pushed to a login that has ended
    chat.addMessage({
      text: 'file',
      document: world.addDocument({ dc: world.account.homeDc, size: 5000, name: 'f.bin' }),
    });
    await vi.waitUntil(async () => (await status(archive)).troubles.join().includes('tgsync -- login'), patience);
    const dashboard = (await fleet.until((it) => it.msg === 'dashboard listening')).address as string;
    await vi.waitUntil(
      async () =>
        (await (await fetch(`${dashboard}/readyz`, { headers: asOwner(archive.env) })).text()).includes(
          'tgsync -- login',
        ),
      patience,
    );
    expect(await stored(db)).toBe(100);

    fault?.remove();
    silence.remove();
    await archive.logIn();
    await vi.waitUntil(async () => (await db.document.count({ where: { saved: true } })) === 1, patience);
    await vi.waitUntil(async () => (await status(archive)).troubles.length === 0, patience);
    expect(
      fleet.log.filter((it) => it.msg.startsWith('job failed')),
      fleet.troubles(),
    ).toEqual([]);
    await expectWhole(world, archive, db);
  });
}

test(
  'another data centre’s key is made again, once; a restart of many media workers makes none',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    await keyMadeAnewOnce({ world, telegram, archive, fleet, db }, { mediaWorkers: 8 });
  },
);

test(
  'three logins, two workers, and a database outage during a slow reconnect: no login is used by two',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessages(100);
    archive.configure({ [chat.id.toString()]: {} }, { tg: { sync_interval: 1, lease_ttl: 2 } });
    const sessions = new Sessions(loadConfig(archive.env), archive.env);
    for (const number of [2, 3]) {
      const first = sessions.read(1)!;
      await archive.logIn();
      sessions.write(number, sessions.read(1)!);
      sessions.write(1, first);
    }
    const url = new URL(archive.databaseUrl);
    const cable = await Cable.to(Number(url.port));
    url.port = String(cable.port);
    archive.env.databaseUrl = url.href;
    try {
      const holds = (worker: ChildProcess, login: number) =>
        fleet.until((line) => line.worker === worker.pid && isHolding(line) && line.login === login);
      const first = fleet.start('fetch-worker');
      await holds(first, 1);
      const second = fleet.start('fetch-worker');
      await holds(second, 2);
      fleet.start('scheduler');
      fleet.start('media-worker');
      await vi.waitUntil(async () => (await stored(db)) === 100, patience);
      const slow = telegram.faults.add({ method: 'help.getConfig', kind: 'delay', ms: 12_000, times: 2 });
      telegram.dropConnections();
      chat.addMessages(50);
      await slow.hit;
      cable.hold();
      await sleep(4000); // the leases expire, and nobody can report it
      second.kill('SIGSTOP');
      cable.restore();
      await holds(first, 3); // the free one, while its connection of login 1 is still being opened
      second.kill('SIGCONT');
      await holds(second, 1);
      await vi.waitUntil(async () => (await stored(db)) === 150, patience);
      chat.addMessages(50);
      await vi.waitUntil(async () => (await stored(db)) === 200, patience);
      expect(telegram.counters().errors['AUTH_KEY_DUPLICATED']).toBeUndefined();
      expect(telegram.counters().sessionRuleViolations).toBe(0);
    } finally {
      cable.restore();
      await fleet.stop();
      await cable.close();
    }
  },
);

test(
  'an encrypted session file exposes no key; a damaged one is reported, and the good copy is used',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    for (const dc of [1, 4])
      chat.addMessage({ text: 'file', document: world.addDocument({ dc, size: 3000, name: 'f.bin' }) });
    const file = join(archive.env.appdata, 'tgsync.session');
    const open = JSON.parse(readFileSync(file, 'utf8')) as { keys: Record<string, string> };
    const passphrase = join(archive.env.appdata, 'passphrase');
    writeFileSync(passphrase, 'correct horse battery\n');
    archive.configure({ [chat.id.toString()]: {} }, { tg: { session_key_file: '/appdata/passphrase' } });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    const sealed = readFileSync(file, 'utf8');
    for (const key of Object.values(open.keys)) expect(sealed).not.toContain(key.slice(0, 32));
    expect(sealed).toContain('"sealed"');

    writeFileSync(file, sealed.slice(0, 100));
    chat.addMessages(10);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(fleet.troubles()).toMatch(/session file .* is damaged.*using its backup/);
    await expectWhole(world, archive, db);

    writeFileSync(passphrase, 'another passphrase\n');
    fleet.start('fetch-worker');
    const reported = await fleet.until((it) =>
      String(it.reason).includes('cannot be decrypted with this tg.session_key'),
    );
    expect(reported.level).toBe('warn');
    renameSync(passphrase, `${passphrase}.old`);
  },
);
