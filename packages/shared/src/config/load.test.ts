/** Which database an archive has: that of config.json, of the environment, or docker compose's by its socket. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readEnvironment } from './environment.js';
import { databaseUrlAnyway, databaseUrlOf } from './load.js';
import { parseConfig } from './parse.js';

const tg = { api_id: 1, api_hash: '00112233445566778899aabbccddeeff' };
const socket = 'postgresql://tgsync@/tgsync?host=/sockets/postgres';
const urlOf = (url: string | undefined, databaseUrl?: string) =>
  databaseUrlOf(
    parseConfig(JSON.stringify({ tg, db: { url } })),
    readEnvironment({ TGSYNC_DATABASE_URL: databaseUrl }),
  );

test.each([
  'postgresql://tgsync:tgsync@postgres:5432/tgsync',
  'postgresql+psycopg2://tgsync:tgsync@postgres:5432/tgsync',
  'postgres://tgsync@postgres/tgsync',
])('%s is the Postgres of docker compose, whatever its password', (url) => {
  expect(urlOf(url, socket)).toBe(socket);
});

test.each([
  'postgresql://tgsync:pw@db.lan:5432/tgsync',
  'postgresql://tgsync:pw@postgres:5433/tgsync',
  'postgresql://other:pw@postgres:5432/tgsync',
  'postgresql://tgsync:pw@postgres:5432/other',
])('%s is another one, and wins over the environment', (url) => {
  expect(urlOf(url, socket)).toBe(url);
});

test('without a socket in the environment, db.url always wins', () => {
  const url = 'postgresql://tgsync:tgsync@postgres:5432/tgsync';
  expect(urlOf(url, 'postgresql://u:p@h/d')).toBe(url);
  expect(urlOf(url)).toBe(url);
  expect(urlOf(undefined, socket)).toBe(socket);
  expect(() => urlOf(undefined)).toThrow('No database');
});

test('a config.json with errors elsewhere still names its database; one with a wrong db.url names none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tgsync-load-'));
  const anyway = (text: string) => {
    writeFileSync(join(folder, 'config.json'), text);
    return databaseUrlAnyway(readEnvironment({ TGSYNC_APPDATA: folder, TGSYNC_DATABASE_URL: socket }));
  };
  expect(anyway('{ "odd": 1 }')).toBe(socket);
  expect(anyway('{ "odd": 1, "db": { "url": "postgresql://u:p@h/d" } }')).toBe('postgresql://u:p@h/d');
  expect(anyway('{ "db": { "url": "postgresql://me:pw@nas:54 32/tgsync" } }')).toBeUndefined();
  expect(anyway('{ "db": { "url": 5 } }')).toBeUndefined();
  rmSync(folder, { recursive: true });
});
