/** sessions.test.ts: the login never dies by our hand; what Telegram ends is said with the remedy, and all goes on after a new login. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Archive, test } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { tgsync } from './command-line.js';
import { holderStandsStill, isHolding, keyMadeAnewOnce, mainConnections, stored } from './login-stories.js';
import { expectWhole } from './whole.js';

const patience = { timeout: 60_000, interval: 100 };

async function status(archive: Archive): Promise<{ troubles: string[] }> {
  const { stdout, stderr, code } = await tgsync(archive.env, ['status', '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as { troubles: string[] };
}

test('a holder that stood still for longer than its lease sends nothing after another one took over', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  await holderStandsStill({ world, telegram, archive, fleet, db }, { leaseTtl: 2, stillMs: 0 });
});

test('login --add: two fetch workers read side by side, each with a login of its own; one login is ended', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chat = world.addChannel({ title: 'News' });
  chat.addMessages(4000);
  archive.configure({ [chat.id.toString()]: {} }, { tg: { message_limit: 100 } });
  // Nobody runs: the command line lets the new login in itself. The next one is let in by the fleet.
  const added = await tgsync(archive.env, ['login', '--add']);
  expect(added.code, added.stderr).toBe(0);
  const [one, two] = [fleet.start('fetch-worker'), fleet.start('fetch-worker')];
  for (const it of [one, two]) await fleet.until((line) => line.worker === it.pid && isHolding(line));
  const again = await tgsync(archive.env, ['login', '--add']);
  expect(again.code, again.stderr).toBe(0);
  expect(telegram.counters().calls['auth.sendCode']).toBe(1); // that of the first login

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
});

test('login --add asks for the two-step password once', async ({ world, telegram, archive }) => {
  world.addChannel({ title: 'News' });
  archive.configure({});
  telegram.world.account.password = 'correct horse';
  const added = await tgsync(archive.env, ['login', '--add'], ['wrong', 'correct horse']);
  expect(added.code, added.stderr).toBe(0);
  expect(added.stderr).toContain('That is not the password');
});

/** What else means the same to us is in packages/shared/src/telegram/errors.test.ts. */
const endings = ['SESSION_REVOKED', 'forgotten key'];

test.for(endings)(
  '%s: all that needs the login waits and says so everywhere; a new login goes on',
  async (ending, { world, telegram, archive, fleet, db }) => {
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
    chat.addMessage({
      text: 'file',
      document: world.addDocument({ dc: world.account.homeDc, size: 5000, name: 'f.bin' }),
    });
    await vi.waitUntil(async () => (await status(archive)).troubles.join().includes('tgsync login'), patience);
    const dashboard = (await fleet.until((it) => it.msg.startsWith('dashboard at'))).address as string;
    await vi.waitUntil(
      async () => (await (await fetch(`${dashboard}/readyz`)).text()).includes('tgsync login'),
      patience,
    );
    expect(await stored(db)).toBe(100);

    fault?.remove();
    await archive.logIn();
    await vi.waitUntil(async () => (await db.document.count({ where: { saved: true } })) === 1, patience);
    await vi.waitUntil(async () => (await status(archive)).troubles.length === 0, patience);
    expect(
      fleet.log.filter((it) => it.msg.startsWith('job failed')),
      fleet.troubles(),
    ).toEqual([]);
    await expectWhole(world, archive, db);
  },
);

test('the key of another data centre is made anew, once; a restart of many media workers makes none', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  await keyMadeAnewOnce({ world, telegram, archive, fleet, db }, { mediaWorkers: 8 });
});

test('a sealed session file: nothing of the keys lies open; a damaged one is told, and the good copy is used', async ({
  world,
  archive,
  fleet,
  db,
}) => {
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
  expect(fleet.troubles()).toMatch(/session file .* is damaged.*the copy before it is used/);
  await expectWhole(world, archive, db);

  writeFileSync(passphrase, 'another passphrase\n');
  fleet.start('fetch-worker');
  const told = await fleet.until((it) => it.msg.includes('cannot be opened with this tg.session_key'));
  expect(told.level).toBe('warn');
  renameSync(passphrase, `${passphrase}.old`);
});
