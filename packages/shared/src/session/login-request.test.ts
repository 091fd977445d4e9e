/** A request for another login is accepted only if nobody but the owner of the session can have made it. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readLoginRequest, removeLoginRequest, writeLoginRequest } from './login-request.js';

let folder: string;
let file: string;
let session: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tgsync-request-'));
  file = join(folder, 'tgsync.session.request');
  session = join(folder, 'tgsync.session');
  writeFileSync(session, '', { mode: 0o600 });
});
afterEach(() => rmSync(folder, { recursive: true }));

const now = 1_700_000_000_000;
const request = { token: 'YWJjZA', expiresAt: now + 30_000 };
const problemOf = () => (readLoginRequest(file, session, now) as { problem: string }).problem;

test('it is read as written, by nobody else, and only until it expires', () => {
  expect(readLoginRequest(file, session, now)).toBeUndefined();
  writeLoginRequest(file, { token: 'b2xk', expiresAt: now });
  writeLoginRequest(file, request);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readLoginRequest(file, session, now)).toEqual({ request });
  expect(readLoginRequest(file, session, now + 30_000)).toEqual({ problem: 'its token has expired' });
  removeLoginRequest(file);
  expect(readLoginRequest(file, session, now)).toBeUndefined();
});

test('a link is neither followed nor written through', () => {
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, JSON.stringify(request), { mode: 0o600 });
  symlinkSync(elsewhere, file);
  expect(problemOf()).toContain('ELOOP');
  writeLoginRequest(file, { token: 'bmV3', expiresAt: now + 1 });
  expect(JSON.parse(readFileSync(elsewhere, 'utf8'))).toEqual(request);
  rmSync(file);
  linkSync(elsewhere, file);
  expect(problemOf()).toBe('it was not made by tgsync');
});

test('a pipe, a folder, a file that others can write to, a malformed one: each is ignored with its reason', () => {
  execFileSync('mkfifo', ['-m', '600', file]);
  expect(problemOf()).toBe('it was not made by tgsync');
  rmSync(file);
  writeFileSync(file, JSON.stringify(request));
  chmodSync(file, 0o620);
  expect(problemOf()).toBe('other users can write to it');
  chmodSync(session, 0o666); // as on a disk without permissions
  expect(readLoginRequest(file, session, now)).toEqual({ request });
  chmodSync(session, 0o600);
  for (const text of ['', '{', '{"token":"a b"}', JSON.stringify({ ...request, token: 'a'.repeat(2000) })]) {
    writeFileSync(file, text);
    chmodSync(file, 0o600);
    expect(problemOf()).toBe('it contains no login token');
  }
});

test.skipIf(process.getuid?.() !== 0)('a file of another user than the login is ignored', () => {
  writeLoginRequest(file, request);
  chownSync(session, 65_534, 65_534);
  expect(problemOf()).toBe('it belongs to user 0, but the login to user 65534');
  chownSync(file, 65_534, 65_534);
  expect(readLoginRequest(file, session, now)).toEqual({ request });
});

test('it is removed when the process that wrote it exits, however it exits', () => {
  const script = `
    import { writeFileSync } from 'node:fs';
    import { writeLoginRequest } from './dist/session/login-request.js';
    writeLoginRequest(process.argv[1], ${JSON.stringify(request)});
    writeFileSync(process.argv[1] + '.seen', '');
    process.exit(130);`;
  const cwd = new URL('../..', import.meta.url).pathname;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script, file], { cwd });
  expect(status).toBe(130);
  expect(readdirSync(folder).sort()).toEqual(['tgsync.session', 'tgsync.session.request.seen']);
});
