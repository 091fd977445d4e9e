/** Parts pass from owner to owner, whatever earlier owners still do, and whenever one is killed. The disk is real. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test as base, vi } from 'vitest';
import { discardParts } from './adopt-parts.js';
import { ClaimLostError } from './held.js';
import { PartFile } from './part-file.js';
import { partSize, partsOf } from './parts.js';
import { heldAs } from './placing.js';

class Killed extends Error {}

const disk = vi.hoisted(() => ({
  /** Calls that change something and are made yet. */
  left: Infinity,
}));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const cut = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (--disk.left < 0) throw new Killed();
      return await call(...args);
    };
  };
  const { mkdir, rename, rm, rmdir } = real;
  const calls = Object.entries({ mkdir, rename, rm, rmdir });
  return { ...real, ...Object.fromEntries(calls.map(([name, call]) => [name, cut(call as () => Promise<unknown>)])) };
});

const test = base.extend<{ temp: string }>({
  temp: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-adopt-'));
    disk.left = Infinity;
    await use(folder);
    disk.left = Infinity;
    rmSync(folder, { recursive: true });
  },
});

const size = 6 * partSize;
const parts = [...partsOf(size)];
const key = 'known to the database alone';
const content = Buffer.alloc(size, 'the bytes of a file, of which no two parts are alike; ');
const signal = new AbortController().signal;
const owner = (claim: bigint, isLost = false) => heldAs('document-1', claim, isLost);
const open = (temp: string, claim: bigint, isLost = false) => PartFile.open(temp, owner(claim, isLost), size, key);
const missing = (file: PartFile) => [...file.missing()].map((it) => it.index);

async function write(file: PartFile, ...indexes: number[]): Promise<void> {
  for (const it of indexes) await file.write(parts[it]!, content.subarray(it * partSize, (it + 1) * partSize));
}

async function finishWith(file: PartFile): Promise<void> {
  await write(file, ...missing(file));
  expect(await file.dropForeign(signal)).toBe(0);
  await file.finish();
  await file.close();
  expect(readFileSync(file.path).equals(content)).toBe(true);
}

/** What an older version has on disk in the middle of a download. */
async function leavePair(temp: string, ...indexes: number[]): Promise<void> {
  const made = join(temp, 'made');
  mkdirSync(made);
  const file = await PartFile.open(made, owner(1n), size, key);
  await write(file, ...indexes);
  await file.pause();
  renameSync(file.path, join(temp, 'document-1.part'));
  renameSync(join(file.path, '..', 'record'), join(temp, 'document-1.part.json'));
  rmSync(made, { recursive: true });
}

test('the next owner continues with the parts of the previous one, in the same file', async ({ temp }) => {
  const first = await open(temp, 1n);
  await write(first, 0, 3);
  await first.pause();
  const { ino } = statSync(first.path);
  const next = await open(temp, 4n);
  expect(readdirSync(temp)).toEqual(['document-1.4']);
  expect(statSync(next.path).ino).toBe(ino);
  expect(missing(next)).toEqual([1, 2, 4, 5]);
  await finishWith(next);
});

describe('an owner whose claim has lapsed', () => {
  test('can neither record nor finish anything, and its bytes do no harm', async ({ temp }) => {
    const late = await open(temp, 1n);
    await write(late, 0, 1);
    await late.flush();
    const next = await open(temp, 2n);
    await write(late, 2, 3);
    await expect(late.flush()).rejects.toThrow('ENOENT');
    await write(next, 2);
    await next.flush();
    await write(late, 2, 4, 5);
    await expect(late.finish()).rejects.toThrow('no longer the file');
    await expect(late.pause()).rejects.toThrow('ENOENT');
    expect(missing(next)).toEqual([3, 4, 5]); // parts written but not recorded do not count
    expect(readdirSync(temp)).toEqual(['document-1.2']);
    await finishWith(next);
  });

  test('that was about to record does not, and leaves nothing that counts', async ({ temp }) => {
    const late = await open(temp, 1n);
    await write(late, 0);
    const datasync = late.handle.datasync.bind(late.handle);
    let next: PartFile | undefined;
    vi.spyOn(late.handle, 'datasync').mockImplementation(async () => {
      await datasync();
      next ??= await open(temp, 2n);
    });
    await expect(late.flush()).rejects.toThrow('ENOENT');
    expect(missing(next!)).toEqual([0, 1, 2, 3, 4, 5]);
    await finishWith(next!);
    await late.close();
  });

  test('that comes late takes nothing away and starts nothing', async ({ temp }) => {
    const next = await open(temp, 2n);
    await write(next, 0);
    await next.flush();
    await expect(open(temp, 1n, true)).rejects.toThrow(ClaimLostError);
    await expect(discardParts(temp, owner(1n, true))).rejects.toThrow(ClaimLostError);
    expect(readdirSync(temp)).toEqual(['document-1.2']);
    await finishWith(next);
  });
});

test('of several folders, the one with the most parts is taken over and the others are removed', async ({ temp }) => {
  for (const [claim, ...indexes] of [
    [1, 0],
    [2, 1, 2, 3],
    [3, 4, 5],
  ]) {
    const elsewhere = join(temp, `${claim}`);
    mkdirSync(elsewhere);
    const file = await open(elsewhere, BigInt(claim!));
    await write(file, ...indexes);
    await file.pause();
    renameSync(join(elsewhere, `document-1.${claim}`), join(temp, `document-1.${claim}`));
    rmSync(elsewhere, { recursive: true });
  }
  mkdirSync(join(temp, 'document-11.1')); // of another media
  const file = await open(temp, 9n);
  expect(missing(file)).toEqual([0, 4, 5]);
  expect(readdirSync(temp)).toEqual(['document-1.9', 'document-11.1']);
  await finishWith(file);
});

test('claims counted from a lower number after a restore do not block the parts', async ({ temp }) => {
  const before = await open(temp, 99n);
  await write(before, 0, 1);
  await before.pause();
  const file = await open(temp, 2n);
  expect(missing(file)).toEqual([2, 3, 4, 5]);
  await finishWith(file);
});

test('two files of an older version are continued', async ({ temp }) => {
  await leavePair(temp, 0, 1, 4);
  const file = await open(temp, 7n);
  expect(missing(file)).toEqual([2, 3, 5]);
  expect(readdirSync(temp)).toEqual(['document-1.7']);
  await finishWith(file);
});

test.for(['two files of an older version', 'two folders'])(
  '%s: a kill at any step costs no part',
  async (what, { temp }) => {
    for (let kill = 0; ; kill++) {
      for (const it of readdirSync(temp)) rmSync(join(temp, it), { recursive: true });
      await leavePair(temp, 0, 1, 4);
      writeFileSync(join(temp, 'document-1.part.json.new'), '{');
      if (what === 'two folders') {
        await (await open(temp, 5n)).pause();
        await leavePair(temp, 2);
      }
      disk.left = kill;
      const killed = await open(temp, 6n).then(
        (it) => it.close(),
        (error: unknown) => error,
      );
      disk.left = Infinity;
      const next = await open(temp, 7n);
      expect(missing(next), `killed after ${kill} calls`).toEqual([2, 3, 5]);
      expect(readdirSync(temp)).toEqual(['document-1.7']);
      await finishWith(next);
      await discardParts(temp, owner(7n));
      expect(readdirSync(temp)).toEqual([]);
      if (killed === undefined) return expect(kill).toBeGreaterThan(3);
      expect(killed).toBeInstanceOf(Killed);
    }
  },
);

test('discarded parts are gone, in whatever form', async ({ temp }) => {
  await leavePair(temp, 0);
  for (const claim of [1, 2]) mkdirSync(join(temp, `document-1.${claim}`));
  expect(await discardParts(temp, owner(2n))).toBe(4);
  expect(await discardParts(temp, owner(2n))).toBe(0);
  expect(existsSync(join(temp, 'document-1.part'))).toBe(false);
  expect(readdirSync(temp)).toEqual([]);
});
