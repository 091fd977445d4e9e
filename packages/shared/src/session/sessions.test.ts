/** The login on disk: encrypted with a passphrase, never half written, never lost to one bad block, and its numbers found again. */
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig, readEnvironment } from '../config/index.js';
import { keyName } from './key-name.js';
import type { Session } from './session-file.js';
import { Sessions } from './sessions.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tgsync-sessions-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const told: string[] = [];
beforeEach(() => void (told.length = 0));

function sessions(more: object = {}): Sessions {
  const text = JSON.stringify({ tg: { api_id: 1, api_hash: '00112233445566778899aabbccddeeff', ...more } });
  const env = readEnvironment({ TGSYNC_DATA: folder, TGSYNC_APPDATA: folder });
  return new Sessions(parseConfig(text), env, (words) => told.push(words));
}

const keyHex = () => randomBytes(256).toString('hex');
const session = (): Session => ({
  version: 1,
  accountId: '777',
  homeDc: 2,
  keys: { 2: keyHex(), 4: keyHex() },
  addresses: [],
});
const file = (name: string) => join(folder, name);

test.each([null, 'correct horse battery'])('with passphrase %s it is read as it was written', (session_key) => {
  const [first, second] = [session(), session()];
  sessions({ session_key }).write(1, first);
  sessions({ session_key }).write(2, second);
  expect(readdirSync(folder).sort()).toEqual(['tgsync.2.session', 'tgsync.session']);
  expect(sessions({ session_key }).numbers).toEqual([1, 2]);
  expect([sessions({ session_key }).read(1), sessions({ session_key }).read(2)]).toEqual([first, second]);
  expect(statSync(file('tgsync.session')).mode & 0o777).toBe(0o600);
  const lies = readFileSync(file('tgsync.session'), 'utf8').includes(first.keys[2]!.slice(0, 40));
  expect(lies).toBe(session_key === null);
});

test('a folder at the path of the file, or a file at that of its folder, is reported with the remedy', () => {
  mkdirSync(file('tgsync.session'));
  expect(() => sessions().read(1)).toThrow(
    expect.objectContaining({
      name: 'PersonError',
      message: expect.stringMatching(/tgsync\.session cannot be read \(EISDIR\).*Move it away/) as string,
    }),
  );
  expect(() => sessions().write(1, session())).toThrow(expect.objectContaining({ name: 'PersonError' }));
  rmdirSync(file('tgsync.session'));
  writeFileSync(file('folder'), '');
  const inFile = sessions({ session: file('folder/tgsync.session') });
  expect(inFile.read(1)).toBeUndefined();
  expect(() => inFile.write(1, session())).toThrow(
    expect.objectContaining({ name: 'PersonError', message: expect.stringContaining('cannot be written') as string }),
  );
});

test.skipIf(process.getuid?.() !== 0)(
  'who asks for another login beside a login of somebody else is told so at once',
  () => {
    sessions().write(1, session());
    sessions().request('YWJj');
    expect(sessions().requested()).toMatchObject({ request: { token: 'YWJj' } });
    chownSync(file('tgsync.session'), 65_534, 65_534);
    expect(() => sessions().request('YWJj')).toThrow(/belongs to user 0, but the login to user 65534.*Run/);
    expect(readdirSync(folder)).toEqual(['tgsync.session']);
  },
);

test('an unencrypted file is encrypted at the next write, and so is its backup', () => {
  const open = session();
  sessions().write(1, open);
  const sealing = sessions({ session_key: 'correct horse battery' });
  expect(sealing.lacksSeal(1)).toBe(true);
  sealing.write(1, sealing.read(1)!);
  expect(sealing.lacksSeal(1)).toBe(false);
  for (const name of readdirSync(folder)) {
    expect(readFileSync(file(name), 'utf8')).not.toContain(open.keys[2]!.slice(0, 40));
  }
});

test('an encrypted file without the passphrase, or with another, is reported and left unchanged', () => {
  sessions({ session_key: 'correct horse battery' }).write(1, session());
  const before = readFileSync(file('tgsync.session'), 'utf8');
  expect(() => sessions().read(1)).toThrow('Set tg.session_key');
  expect(() => sessions({ session_key: 'wrong horse battery' }).read(1)).toThrow('cannot be decrypted with this');
  expect(() => sessions({ session_key: 'wrong horse battery' }).write(1, session())).toThrow(
    'cannot be decrypted with this',
  );
  expect(readFileSync(file('tgsync.session'), 'utf8')).toBe(before);
  expect(readdirSync(folder)).toEqual(['tgsync.session']);
});

test.each([null, 'correct horse battery'])(
  'a flipped or cut file is told, the copy before it is used and kept (%s)',
  (session_key) => {
    const [earlier, later] = [session(), session()];
    sessions({ session_key }).write(1, earlier);
    sessions({ session_key }).write(1, later);
    const text = readFileSync(file('tgsync.session'), 'utf8');
    for (const damaged of [text.slice(0, 200), '', `x${text}`, '{}']) {
      writeFileSync(file('tgsync.session'), damaged);
      told.length = 0;
      expect(sessions({ session_key }).read(1)).toEqual(earlier);
      expect(told.join()).toContain('is damaged or missing');
    }
    rmSync(file('tgsync.session'));
    expect(sessions({ session_key }).numbers).toEqual([1]);
    expect(sessions({ session_key }).read(1)).toEqual(earlier);
  },
);

test('a damaged file does not overwrite the good backup, and is put aside', () => {
  const good = session();
  sessions().write(1, session());
  sessions().write(1, session());
  const kept = readFileSync(file('tgsync.session.bak'), 'utf8');
  writeFileSync(file('tgsync.session'), 'damaged');
  sessions().write(1, good);
  expect(readFileSync(file('tgsync.session.bak'), 'utf8')).toBe(kept);
  expect(readFileSync(file('tgsync.session.damaged'), 'utf8')).toBe('damaged');
  expect(sessions().read(1)).toEqual(good);
});

test('if the backup is damaged too, that is reported with the remedy; readIfGood returns none', () => {
  writeFileSync(file('tgsync.session'), 'damaged');
  expect(() => sessions().read(1)).toThrow('Move it away and run `tgsync login`');
  const them = sessions();
  expect(them.readIfGood(1)).toBeUndefined();
  expect(them.problem).toContain('is damaged');
});

test('refused keys are skipped', () => {
  const [first, second] = [session(), session()];
  const them = sessions();
  them.write(1, first);
  them.write(2, second);
  expect(them.withKey(4, new Set())?.session).toEqual(first);
  const refused = new Set([keyNameOf(first.keys[4]!)]);
  expect(them.withKey(4, refused)?.session).toEqual(second);
  expect(them.withKey(2, refused)?.session).toEqual(first);
  expect(them.withKey(3, new Set())).toBeUndefined();
});

test('ending a login leaves nothing of it', () => {
  const them = sessions();
  them.write(2, session());
  them.write(2, session());
  them.remove(2);
  expect(readdirSync(folder)).toEqual([]);
});

function keyNameOf(hex: string): string {
  return keyName(Buffer.from(hex, 'hex'));
}
