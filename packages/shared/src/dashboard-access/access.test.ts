/**
 * Only those who can read the password file can make a link or a session; a link works once, and anything else at the file's path is
 * not followed.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { parseConfig, readEnvironment } from '../config/index.js';
import { DashboardAccess } from './access.js';
import { dashboardUrl, urlOf } from './address.js';
import { invitation } from './invitation.js';
import { ownPassword, passwordFile, readOwnPassword } from './password-file.js';

const test = base.extend<{ appdata: string; file: string }>({
  appdata: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-access-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  file: async ({ appdata }, use) => {
    await use(join(appdata, 'dashboard.password'));
  },
});
const envOf = (appdata: string, more: NodeJS.ProcessEnv = {}) => readEnvironment({ TGSYNC_APPDATA: appdata, ...more });
const tokenIn = (link: string) => new URL(link, 'http://x').searchParams.get('token')!;
const hour = 3_600_000;

test('the password is created once, readable by nobody else', ({ file }) => {
  const password = ownPassword(file);
  expect(password).toMatch(/^[\w-]{32}$/);
  expect(ownPassword(file)).toBe(password);
  expect(readOwnPassword(file)).toBe(password);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  rmSync(file);
  expect(readOwnPassword(file)).toBeUndefined(); // checking does not create one
  expect(existsSync(file)).toBe(false);
  expect(ownPassword(file)).not.toBe(password);
});

test('one that others could read is replaced, and so is one that a crash cut off', ({ file }) => {
  const password = ownPassword(file);
  chmodSync(file, 0o644);
  const next = ownPassword(file);
  expect(next).not.toBe(password);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, '');
  expect(ownPassword(file)).toMatch(/^[\w-]{32}$/);
});

test('anything else at its path is neither followed nor used', ({ appdata, file }) => {
  const planted = join(appdata, 'planted');
  writeFileSync(planted, 'a'.repeat(32), { mode: 0o600 });
  const places: Record<string, () => unknown> = {
    'a symbolic link': () => symlinkSync(planted, file),
    'a link to nothing': () => symlinkSync(join(appdata, 'nothing'), file),
    'a hard link': () => linkSync(planted, file),
    'a folder': () => mkdirSync(file),
    'a pipe': () => spawnSync('mkfifo', [file]),
    'an edited one': () => writeFileSync(file, 'my own password\n', { mode: 0o600 }),
  };
  for (const [name, put] of Object.entries(places)) {
    put();
    expect(() => ownPassword(file), name).toThrow(
      expect.objectContaining({ name: 'PersonError', message: expect.stringContaining('Delete it') as string }),
    );
    expect(readOwnPassword(file), name).toBeUndefined();
    rmSync(file, { recursive: true });
  }
  expect(readdirSync(appdata)).toEqual(['planted']);
});

test.skipIf(process.getuid?.() !== 0)(
  'root makes it for the owner of the folder, and takes no other user’s',
  ({ appdata, file }) => {
    spawnSync('chown', ['1234:1234', appdata]);
    const password = ownPassword(file);
    expect(statSync(file)).toMatchObject({ uid: 1234, gid: 1234 });
    expect(ownPassword(file)).toBe(password);
    spawnSync('chown', ['4321', file]);
    expect(() => ownPassword(file)).toThrow(/belongs to user 4321/);
  },
);

test('a link works once, within an hour, also after a restart', ({ appdata }) => {
  let now = 1e12;
  const access = () => new DashboardAccess(envOf(appdata), null, () => now);
  const token = tokenIn(access().makeLink());
  expect(token).not.toContain(access().own);
  expect(access().redeem(`${token}x`)).toBe(false);
  expect(access().redeem(token.replace(/^./, (it) => (it === 'z' ? 'y' : 'z')))).toBe(false); // a later expiry
  expect(access().redeem(token)).toBe(true);
  expect(access().redeem(token)).toBe(false);
  const late = tokenIn(access().makeLink());
  now += hour + 1000;
  expect(access().redeem(late)).toBe(false);
  expect(access().redeem(tokenIn(access().makeLink()))).toBe(true);
  expect(readdirSync(join(appdata, 'dashboard.used-links'))).toHaveLength(1); // expired ones are removed
});

test('of many who use a link at once, one gets in; a link whose use cannot be recorded lets nobody in', ({
  appdata,
}) => {
  const access = new DashboardAccess(envOf(appdata), null);
  writeFileSync(join(appdata, 'dashboard.used-links'), '');
  const token = tokenIn(access.makeLink());
  expect(access.redeem(token)).toBe(false);
  rmSync(join(appdata, 'dashboard.used-links'));
  expect([1, 2, 3].map(() => access.redeem(token))).toEqual([true, false, false]);
});

test('a session lasts thirty days and survives restarts; another password ends it; a link is no session', ({
  appdata,
  file,
}) => {
  let now = 1e12;
  const access = (configured: string | null = null) => new DashboardAccess(envOf(appdata), configured, () => now);
  const session = access().makeSession();
  expect(access().isSession(session)).toBe(true);
  expect(access().isSession(tokenIn(access().makeLink()))).toBe(false);
  expect(access().redeem(session)).toBe(false);
  expect(access('correct-horse').isSession(session)).toBe(false);
  for (const nothing of ['', '..', session.slice(1), `${session}\0`]) expect(access().isSession(nothing)).toBe(false);
  now += 29 * 24 * hour;
  expect(access().isSession(session)).toBe(true);
  now += 2 * 24 * hour;
  expect(access().isSession(session)).toBe(false);
  const next = access().makeSession();
  rmSync(file);
  expect(access().isSession(next)).toBe(false);
});

test.each([
  ['127.0.0.1', 'http://127.0.0.1:3000'],
  ['0.0.0.0', 'http://127.0.0.1:3000'],
  ['::', 'http://[::1]:3000'],
  ['::1', 'http://[::1]:3000'],
  ['fe80::1%eth0', 'http://[fe80::1]:3000'],
  ['2001:db8::7', 'http://[2001:db8::7]:3000'],
  ['nas.lan', 'http://nas.lan:3000'],
])('a dashboard that listens on %s is opened at %s', (host, url) => {
  expect(urlOf(host, 3000)).toBe(url);
});

test('a person is told where it is and which password it needs, and gets a link', ({ appdata, file }) => {
  const config = (dashboard: object) =>
    parseConfig(JSON.stringify({ tg: { api_id: 1, api_hash: '0123456789abcdef0123456789abcdef' }, dashboard }));
  const env = envOf(appdata);
  const [where, link] = invitation(config({}), env) as [string, string];
  expect(where).toBe(`Dashboard: http://127.0.0.1:3000, user tgsync, password in ${file}.`);
  expect(passwordFile(env)).toBe(file);
  expect(link).toMatch(/^Or open this link.*: http:\/\/127\.0\.0\.1:3000\/\?token=/);
  expect(new DashboardAccess(env, null).redeem(tokenIn(link.split(': ')[1]!))).toBe(true);
  const own = invitation(
    config({ password: 'correct-horse' }),
    envOf(appdata, { TGSYNC_DASHBOARD_URL: 'http://nas:1/' }),
  );
  expect(own[0]).toBe('Dashboard: http://nas:1, user tgsync, password from config.json.');
  expect(own.join()).not.toContain('correct-horse');
  expect(invitation(config({ open_to_everyone: true, port: 80 }), env)).toEqual([
    'Dashboard: http://127.0.0.1:80, no password.',
  ]);
  expect(invitation(config({ port: 0 }), env)).toHaveLength(1);
  expect(dashboardUrl(config({ port: 0 }), env)).toBeUndefined();
});
