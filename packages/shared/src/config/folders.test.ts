/** Where files go: what the environment says, what config.json says, and what happens if both do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readEnvironment, writeEnvironment } from './environment.js';
import { foldersOf } from './folders.js';
import { loadConfig } from './load.js';

const tg = { api_id: 1, api_hash: '00112233445566778899aabbccddeeff' };
const chosen = { TGSYNC_MEDIA: '/mnt/disk', TGSYNC_TEMP: '/fast/temp' };

function foldersWith(download: object, variables: Record<string, string>) {
  const appdata = mkdtempSync(join(tmpdir(), 'tgsync-folders-'));
  onTestFinished(() => rmSync(appdata, { recursive: true }));
  writeFileSync(join(appdata, 'config.json'), JSON.stringify({ tg, download }));
  const env = readEnvironment({ TGSYNC_DATA: '/data', TGSYNC_APPDATA: appdata, ...variables });
  const folders = foldersOf(loadConfig(env), env);
  const child = readEnvironment(writeEnvironment(env));
  expect(foldersOf(loadConfig(child), child)).toEqual(folders); // and a child process finds the same
  return folders;
}

test.each<[object, Record<string, string>, string, string]>([
  [{}, {}, '/data/media', '/data/temp'],
  [{}, chosen, '/mnt/disk', '/fast/temp'],
  [{ media: '/srv/tg', incomplete: '/srv/part' }, {}, '/srv/tg', '/srv/part'],
  [{ media: '/media', incomplete: '/incomplete' }, {}, '/data/media', '/data/temp'],
  [{ media: '/media', incomplete: '/incomplete' }, chosen, '/mnt/disk', '/fast/temp'],
  [{ media: '/media/', incomplete: '/temp/' }, chosen, '/mnt/disk', '/fast/temp'],
  [{ media: '/media/tg', incomplete: '/incomplete/tg' }, chosen, '/mnt/disk/tg', '/fast/temp/tg'],
  [{ media: '/media/tg' }, {}, '/data/media/tg', '/data/temp'],
  [{ media: '/mnt/disk', incomplete: '/fast/temp' }, chosen, '/mnt/disk', '/fast/temp'],
  [{ media: '/srv/tg' }, { TGSYNC_TEMP: '/fast/temp' }, '/srv/tg', '/fast/temp'],
])('%j with %j: %s and %s', (download, variables, media, temp) => {
  expect(foldersWith(download, variables)).toEqual({ media, temp });
});

test.each<[object, RegExp]>([
  [{ media: '/srv/tg' }, /download\.media: another folder than TGSYNC_MEDIA .*or write "\/media" here/],
  [{ incomplete: '/srv/part' }, /download\.incomplete: another folder than TGSYNC_TEMP .*or write "\/temp" here/],
  [{ media: '/incomplete' }, /download\.media: another folder/],
  [{ media: '/temp', incomplete: '/temp' }, /download\.incomplete: the folder of the finished files/],
])('%j and an environment that says something else: an error that names both', (download, problem) => {
  expect(() => foldersWith(download, chosen)).toThrow(problem);
});
