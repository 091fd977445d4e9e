/** What is no regular file, or no folder, is neither followed nor waited for, and what is in the way is said with its path. */
import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect } from 'vitest';
import { PersonError } from '../errors/index.js';
import { putCopy } from './chat-links.js';
import { createPlain, hasPlainFolder, requirePlain, openPlain, readPlain } from './plain.js';

const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-plain-'));
    writeFileSync(join(folder, 'secret'), 'secret');
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});

/** One of each that is no regular file. */
function inPlace(folder: string): Record<string, string> {
  const at = (name: string) => join(folder, name);
  symlinkSync(at('secret'), at('link'));
  execFileSync('mkfifo', [at('pipe')]);
  mkdirSync(at('sub'));
  return { link: at('link'), pipe: at('pipe'), sub: at('sub'), device: '/dev/zero' };
}

test('only a regular file is opened, at once, and what else is there is told', async ({ folder }) => {
  const { link, pipe, sub, device } = inPlace(folder);
  for (const path of [link!, pipe!, sub!, device!, join(folder, 'none'), join(folder, 'secret', 'below')]) {
    expect(await openPlain(path, 'r'), path).toBeUndefined();
    expect(await readPlain(path, 10), path).toBeUndefined();
  }
  for (const path of [link!, pipe!, sub!]) expect(await openPlain(path, 'r+'), path).toBeUndefined();
  await expect(requirePlain(link!)).rejects.toThrow(`${link} is a symbolic link, not a regular file.`);
  await expect(requirePlain(pipe!)).rejects.toThrow('is a named pipe');
  await expect(requirePlain(sub!)).rejects.toThrow('is a folder');
  expect(await readPlain(join(folder, 'secret'), 3)).toBe('sec');
});

test('a file with a second name is not written into', async ({ folder }) => {
  linkSync(join(folder, 'secret'), join(folder, 'part'));
  expect(await openPlain(join(folder, 'part'), 'r+')).toBeUndefined();
  await (await createPlain(join(folder, 'part'))).close();
  expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret');
});

test('a new file takes the place of anything but a folder', async ({ folder }) => {
  const { link, pipe, sub } = inPlace(folder);
  for (const path of [link!, pipe!]) {
    await (await createPlain(path)).close();
    expect(lstatSync(path).isFile()).toBe(true);
  }
  await expect(createPlain(sub!)).rejects.toThrow(
    new PersonError(`${sub} is a folder where tgsync needs to write a file. Move it away.`),
  );
});

test('a folder is one, and no link to one', async ({ folder }) => {
  const { link } = inPlace(folder);
  expect(await hasPlainFolder(folder)).toBe(true);
  expect(await hasPlainFolder(join(folder, 'none'))).toBe(false);
  await expect(hasPlainFolder(link!)).rejects.toThrow(/is a symbolic link instead of a folder/);
  await expect(hasPlainFolder(join(folder, 'secret'))).rejects.toThrow(/is a file instead of a folder/);
});

test('a copy is of a regular file only', async ({ folder }) => {
  const { link, pipe } = inPlace(folder);
  for (const source of [link!, pipe!])
    await expect(putCopy(source, join(folder, 'copy'), join(folder, 'aside'))).rejects.toThrow('not a regular file');
  expect(readdirSync(folder).sort()).toEqual(['link', 'pipe', 'secret', 'sub']);
});
