/** login.test.ts: from nothing to a session, as a person would do it. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '@tgsync/shared/config';
import { test as base } from '@tgsync/testing';
import { World } from '@tgsync/telegram-emulator';
import { expect } from 'vitest';
import { spawnTgsync, tgsync } from './command-line.js';
import { problemsInEditor } from './editor.js';
import { startSocksProxy } from './socks-proxy.js';

/** Empty folders. */
const test = base.extend<{ env: Environment }>({
  env: async ({}, use) => {
    const data = mkdtempSync(join(tmpdir(), 'tgsync-login-'));
    const [appdata, media, temp] = ['appdata', 'media', 'temp'].map((it) => join(data, it)) as [string, string, string];
    await use({ data, appdata, media, temp, databaseUrl: undefined, redisUrl: undefined });
    rmSync(data, { recursive: true, force: true });
  },
});

const credentials = ['4242', '00112233445566778899aabbccddeeff'];

/** Lets a first try create config.json from the example, then points it at the emulator. */
async function pointAt(env: Environment, server: object): Promise<void> {
  const first = await tgsync(env, ['login'], credentials);
  expect(first.stderr).toContain('my.telegram.org/apps');
  const file = join(env.appdata, 'config.json');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('"api_id": 4242');
  expect(text).toContain('writes the chat ids to chats.json'); // comments stay
  writeFileSync(file, text.replace('"session"', `"server": ${JSON.stringify(server)},\n    "session"`));
}

test('a wrong code can be corrected; session and chats.json are written, and the next step is shown', async ({
  world,
  telegram,
  env,
}) => {
  world.addChannel({ title: 'Cats' }).addMessages(2);
  world.addUser({ title: 'Ann' }).addMessages(1);
  const { phone, code } = world.account;
  await pointAt(env, telegram.server);

  const { code: exit, stderr } = await tgsync(env, ['login'], [phone, '00000', code]);
  expect(exit, stderr).toBe(0);
  expect(stderr).toContain('Wrong code');
  expect(stderr).toContain('Next:');
  const session = join(env.appdata, 'tgsync.session');
  expect(statSync(session).mode & 0o777).toBe(0o600);
  expect(statSync(join(env.appdata, 'config.json')).mode & 0o777).toBe(0o600);
  expect(problemsInEditor(join(env.appdata, 'config.json'))).toEqual([]);
  const chats = JSON.parse(readFileSync(join(env.appdata, 'chats.json'), 'utf8')) as {
    id: string;
    title: string;
    kind: string;
  }[];
  expect(chats.map((it) => [it.id, it.title, it.kind])).toEqual(
    expect.arrayContaining([
      [world.chat('Cats').id.toString(), 'Cats', 'channel'],
      [world.chat('Ann').id.toString(), 'Ann', 'user'],
    ]),
  );
  expect(stderr).not.toContain(JSON.parse(readFileSync(session, 'utf8')).keys[2]);
  const listed = await tgsync(env, ['chats', 'cat']);
  expect(listed.stdout).toContain('Cats');
  expect(listed.stdout).not.toContain('Ann');
});

const elsewhere = test.extend<{ world: World }>({
  world: async ({}, use) => {
    await use(new World({ homeDc: 4, password: 'correct horse' }));
  },
});

elsewhere(
  'the account lives on another data centre and has a password, which can be corrected',
  { tags: 'thorough' },
  async ({ world, telegram, env }) => {
    const { phone, code } = world.account;
    await pointAt(env, telegram.server);
    const { code: exit, stderr } = await tgsync(env, ['login'], [phone, code, 'wrong horse', 'correct horse']);
    expect(exit, stderr).toBe(0);
    expect(stderr).toContain('Wrong password');
    expect(telegram.counters().errors['PHONE_MIGRATE_4']).toBe(1);
    expect(JSON.parse(readFileSync(join(env.appdata, 'tgsync.session'), 'utf8'))).toMatchObject({ homeDc: 4 });
  },
);

test('a flood wait is shown in hours and minutes and changes nothing', async ({ world, telegram, env }) => {
  await pointAt(env, telegram.server);
  telegram.faults.add({ method: 'auth.sendCode', kind: 'error', code: 420, message: 'FLOOD_WAIT_3720' });
  const { code, stderr } = await tgsync(env, ['login'], [world.account.phone]);
  expect(code).toBe(1);
  expect(stderr).toContain('1 hour 2 minutes');
  expect(() => statSync(join(env.appdata, 'tgsync.session'))).toThrow('ENOENT');
});

test(
  'errors in config.json are reported with path and remedy, never with the value',
  { tags: 'thorough' },
  async ({ env, telegram }) => {
    await pointAt(env, telegram.server);
    const file = join(env.appdata, 'config.json');
    writeFileSync(
      file,
      '{ "tg": { "api_id": 1, "api_hash": "not-a-hash", "chatz": {} }, "db": { "url": "mysql://me:secret@x/y" } }',
    );
    const { code, stderr } = await tgsync(env, ['login'], ['+1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/tg\.api_hash: .*32 hexadecimal digits/);
    expect(stderr).toContain('tg.chatz: unknown setting');
    expect(stderr).toContain('db.url');
    expect(stderr).not.toMatch(/not-a-hash|secret/);
  },
);

elsewhere(
  'a QR code is scanned; the account lives on another data centre and has a password',
  { tags: 'thorough' },
  async ({ telegram, env }) => {
    await pointAt(env, telegram.server);
    const child = spawnTgsync(env, ['login', '--qr'], 'correct horse\n');
    let output = '';
    child.stderr.on('data', (chunk) => {
      const before = output;
      output += String(chunk);
      const [, token] = /tg:\/\/login\?token=([\w-]+)/.exec(output) ?? [];
      if (token && !before.includes(token)) telegram.acceptLoginToken(Buffer.from(token, 'base64url'));
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code, output).toBe(0);
    expect(output).toMatch(/[▀▄█]{10}/);
    expect(JSON.parse(readFileSync(join(env.appdata, 'tgsync.session'), 'utf8'))).toMatchObject({ homeDc: 4 });
  },
);

test(
  'through a SOCKS5 proxy with a password, and only through it',
  { tags: 'thorough' },
  async ({ world, telegram, env }) => {
    const proxy = await startSocksProxy('ann', 'p@ss word');
    try {
      await pointAt(env, telegram.server);
      const file = join(env.appdata, 'config.json');
      const withProxy = (url: string) =>
        readFileSync(file, 'utf8').replace('"session"', `"proxy": "${url}",\n    "session"`);
      const right = withProxy(`socks5h://ann:${encodeURIComponent('p@ss word')}@127.0.0.1:${proxy.port}`);
      const wrong = withProxy(`socks5://ann:nonsense@127.0.0.1:${proxy.port}`);
      const answers = [world.account.phone, world.account.code];

      writeFileSync(file, wrong);
      const refused = await tgsync(env, ['login'], answers);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(`the proxy at 127.0.0.1:${proxy.port} could not connect`);
      expect(refused.stderr).not.toContain('nonsense');

      writeFileSync(file, right);
      const { code, stderr } = await tgsync(env, ['login'], answers);
      expect(code, stderr).toBe(0);
      const opened = telegram.counters().connections.reduce((sum, it) => sum + it.opened, 0);
      expect(proxy.connections).toBe(opened);
    } finally {
      proxy.close();
    }
  },
);
