/** A config.json in whatever encoding an editor wrote it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from './load.js';
import { readText } from './read-text.js';

const folder = mkdtempSync(join(tmpdir(), 'tgsync-text-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'config.json');
const text = '{ "tg": { "api_id": 5, "api_hash": "00112233445566778899aabbccddeeff" } } // Grüße';
const utf16le = Buffer.from(`\uFEFF${text}`, 'utf16le');

test.each([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
  ['UTF-16, little-endian', utf16le],
  ['UTF-16, big-endian', Buffer.from(utf16le).swap16()],
])('%s', (_name, bytes) => {
  writeFileSync(file, bytes);
  expect(readText(file)).toBe(text);
  const env = { appdata: folder, media: '', temp: '', data: '', databaseUrl: undefined, redisUrl: undefined };
  expect(loadConfig(env).tg.api_id).toBe(5);
});

test('anything else is reported in one sentence', () => {
  writeFileSync(file, Buffer.from(text, 'latin1'));
  expect(() => readText(file)).toThrow(/config\.json is not UTF-8: save it as UTF-8/);
});
