/**
 * A file has its final name only if it is complete, and never has only one link, at whatever step everything stops. The disk is real;
 * every call to it is counted, observed from outside, and may be the last one before a kill.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
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
import { PermanentError, RetryAfterError } from '../errors/index.js';
import type { Link } from './chat-links.js';
import { incomingName } from './layout.js';
import { claimMediaFolder } from './marker.js';
import { requirePlain } from './plain.js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ClaimLostError, type Held } from './held.js';
import { MediaStore } from './media-store.js';
import { ReplacedError } from './part-file.js';
import { heldAs, linkSaved, place } from './placing.js';

class Killed extends Error {}

const disk = vi.hoisted(() => ({
  calls: 0,
  /** The call that is no longer made, nor any after it. */
  killAt: Infinity,
  look: () => {},
  /** The file system allows no further link to a file. */
  hasManyLinks: false,
}));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const watched = <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (++disk.calls >= disk.killAt) {
        // A copy that is cut off leaves what it has written so far.
        if (disk.calls === disk.killAt && name === 'copyFile')
          writeFileSync(args[1] as string, readFileSync(args[0] as string).subarray(0, 1000));
        throw new Killed();
      }
      // A taken name is reported first, as the kernel does.
      if (disk.hasManyLinks && name === 'link' && !existsSync(args[1] as string))
        throw Object.assign(new Error('too many links'), { code: 'EMLINK' });
      const result = await call(...args);
      disk.look();
      return result;
    };
  };
  const { copyFile, link, lstat, mkdir, open, readdir, rename, rm } = real;
  const calls = { copyFile, link, lstat, mkdir, open, readdir, rename, rm };
  return {
    ...real,
    ...Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [name, watched(name, call as () => Promise<unknown>)]),
    ),
  };
});

const archive = '0b0e0a60-0000-4000-8000-000000000001';
const content = Buffer.alloc(300_000, 'whole ');
const sha256 = createHash('sha256').update(content).digest('hex');
const links: Link[] = [
  { chatId: -1_000_000_000_001n, name: '7 a.txt' },
  { chatId: 5n, name: '9 a.txt' },
];
const name = '32.txt';

/** Of the worker that is at it. */
let claim: bigint;
const mine = () => heldAs('document-32', claim);

let folder: string;
let media: string;
let store: MediaStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tgsync-store-'));
  media = join(folder, 'media');
  Object.assign(disk, { calls: 0, killAt: Infinity, look: () => {}, hasManyLinks: false });
  claim = 7n;
  await claimMediaFolder(media, archive, false);
  store = new MediaStore(media, archive);
  await store.prepare(join(folder, 'temp'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const repo = () => join(media, 'documents-by-id', name);
const linkPath = ({ chatId, name: it }: Link) => join(media, `${chatId}`, it);
const statOf = (path: string) => statSync(path, { throwIfNoEntry: false });

/** What holds at every moment: every file with a final name is complete, and the repo has its file once all its links exist. */
function expectSound(): void {
  for (const one of links) if (statOf(linkPath(one))) expect(readFileSync(linkPath(one)).equals(content)).toBe(true);
  const stored = statOf(repo());
  if (!stored) return;
  expect(readFileSync(repo()).equals(content)).toBe(true);
  expect(stored.nlink).toBeGreaterThan(links.length);
}

function expectDone(): void {
  const { ino } = statSync(repo());
  for (const one of links) expect(statSync(linkPath(one)).ino).toBe(ino);
  expect(readFileSync(repo()).equals(content)).toBe(true);
  expect(statSync(repo()).nlink).toBe(1 + links.length);
  expect(readdirSync(join(media, '.incoming'))).toEqual([]);
}

/** Takes in whatever is at a path when it is opened. */
async function takeIn(path: string): Promise<string> {
  const handle = await requirePlain(path);
  try {
    return await store.takeIn({ path, handle }, mine(), name);
  } finally {
    await handle.close();
  }
}

/** One run of a worker: continues where the last one was stopped. */
async function bring(source: string): Promise<void> {
  claim++;
  let path = await store.findWhole(mine(), name, BigInt(content.length), sha256);
  if (!path) {
    if (!statOf(source)) writeFileSync(source, content); // downloaded again
    path = await takeIn(source);
  }
  await place(store, path, mine(), name, links);
}

/** Kills a run at each of its calls in turn, twice in a row, and lets the next one finish. */
async function killedEverywhere(source: string): Promise<number> {
  disk.look = expectSound;
  for (let at = 1; ; at++) {
    for (const it of ['documents-by-id', '.incoming', ...links.map((one) => `${one.chatId}`)])
      rmSync(join(media, it), { recursive: true, force: true });
    await store.prepare(join(folder, 'temp'));
    writeFileSync(source, content);
    let killed = 0;
    for (const killAt of [at, Math.ceil(at / 2)]) {
      Object.assign(disk, { calls: 0, killAt });
      await bring(source).catch((error: unknown) => {
        expect(error).toBeInstanceOf(Killed);
        killed++;
      });
      expectSound();
    }
    Object.assign(disk, { calls: 0, killAt: Infinity });
    await bring(source);
    expectDone();
    if (killed === 0) return at - 1;
  }
}

const elsewhere = '/dev/shm';
const isOther = statOf(elsewhere) !== undefined && statSync(elsewhere).dev !== statSync(tmpdir()).dev;
if (!isOther) console.warn(`SKIPPED: placing over two mounts: ${elsewhere} is not another one than ${tmpdir()}.`);

describe('placing, killed at every step', () => {
  test('on one mount', async () => {
    expect(await killedEverywhere(join(folder, 'temp', 'document-32.part'))).toBeGreaterThan(8);
  });

  test.skipIf(!isOther)('over two mounts: a copy is no file before it is whole', async () => {
    const temp = mkdtempSync(join(elsewhere, 'tgsync-store-'));
    try {
      const source = join(temp, 'document-32.part');
      expect(await killedEverywhere(source)).toBeGreaterThan(10);
      expect(readFileSync(source).equals(content)).toBe(true); // the worker removes it once the database knows the file
    } finally {
      rmSync(temp, { recursive: true });
    }
  });
});

describe('a file that somebody swaps in /temp', () => {
  const incoming = () => join(media, '.incoming', incomingName('document', name, claim));
  /** Swaps the file after this many of the calls that take it in; returns whether that happened. */
  async function takeInSwapped(temp: string, after: number): Promise<boolean> {
    const [source, evil] = [join(temp, 'document-32.part'), join(temp, 'evil')];
    writeFileSync(source, content);
    writeFileSync(evil, Buffer.alloc(content.length, 'evil'));
    const handle = await requirePlain(source);
    disk.calls = 0;
    disk.look = () => {
      if (disk.calls >= after && statOf(evil)) renameSync(evil, source);
    };
    if (after === 0) renameSync(evil, source);
    try {
      await store.takeIn({ path: source, handle }, mine(), name);
      expect(readFileSync(incoming()).equals(content)).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(ReplacedError);
      expect(statOf(incoming())).toBeUndefined();
    } finally {
      disk.look = () => {};
      await handle.close();
    }
    rmSync(incoming(), { force: true });
    return statOf(evil) === undefined;
  }

  async function takeInSwappedEverywhere(temp: string): Promise<number> {
    for (let after = 0; ; after++) if (!(await takeInSwapped(temp, after))) return after;
  }

  test('is not taken in, whenever that happens', async () => {
    expect(await takeInSwappedEverywhere(join(folder, 'temp'))).toBeGreaterThan(3);
  });

  test.skipIf(!isOther)('is not taken in over two mounts either', async () => {
    const temp = mkdtempSync(join(elsewhere, 'tgsync-store-'));
    try {
      expect(await takeInSwappedEverywhere(temp)).toBeGreaterThan(5);
    } finally {
      rmSync(temp, { recursive: true });
    }
  });
});

describe('a link', () => {
  beforeEach(async () => {
    writeFileSync(join(folder, 'source'), content);
    await bring(join(folder, 'source'));
  });

  test('that already exists is left alone', async () => {
    const before = lstatSync(linkPath(links[0]!));
    await place(store, repo(), mine(), name, links);
    expect(await linkSaved(store, mine(), name, links[0]!)).toBe(true);
    expect(lstatSync(linkPath(links[0]!)).ino).toBe(before.ino);
    expectDone();
  });

  test('is made from the repo file for a later message', async () => {
    const later = { chatId: 6n, name: '1 b.txt' };
    expect(await linkSaved(store, mine(), name, later)).toBe(true);
    expect(statSync(linkPath(later)).ino).toBe(statSync(repo()).ino);
  });

  test('replaces an older copy of the same media', async () => {
    rmSync(linkPath(links[0]!));
    writeFileSync(linkPath(links[0]!), 'what a power cut left');
    disk.look = () => expect(statOf(linkPath(links[0]!))).toBeDefined();
    await place(store, repo(), mine(), name, links);
    expectDone();
  });

  test('replaces an older copy also if the file can have no more links', async () => {
    rmSync(linkPath(links[0]!));
    writeFileSync(linkPath(links[0]!), 'what a power cut left');
    disk.hasManyLinks = true;
    disk.look = () => expect(statOf(linkPath(links[0]!))).toBeDefined();
    await place(store, repo(), mine(), name, links);
    expect(readFileSync(linkPath(links[0]!)).equals(content)).toBe(true);
    expect(statSync(linkPath(links[0]!)).nlink).toBe(1);
    expect(readdirSync(join(media, '.incoming'))).toEqual([]);
  });

  test('is not made of a file that the person deleted, and nothing restores it', async () => {
    rmSync(repo());
    expect(await linkSaved(store, mine(), name, { chatId: 6n, name: '1 b.txt' })).toBe(false);
    expect(readdirSync(media)).not.toContain('6');
    expect(statOf(repo())).toBeUndefined();
  });
});

test.each(['copy', 'hard'] as const)(
  '%s: media of one message with long names get their own bytes at once',
  async (mode) => {
    const copying = new MediaStore(media, archive, () => mode);
    const common = `7 ${'a'.repeat(60)}`;
    const ids = Array.from({ length: 8 }, (_, index) => index + 1);
    mkdirSync(join(media, '5'));
    for (const id of ids) {
      writeFileSync(join(media, 'documents-by-id', `${id}.txt`), `content of ${id}`);
      writeFileSync(join(media, '5', `${common} ${id}`), 'earlier');
    }
    await Promise.all(
      ids.map((id) =>
        linkSaved(copying, heldAs(`document-${id}`), `${id}.txt`, { chatId: 5n, name: `${common} ${id}` }),
      ),
    );
    for (const id of ids) expect(readFileSync(join(media, '5', `${common} ${id}`), 'utf8')).toBe(`content of ${id}`);
    expect(readdirSync(join(media, '.incoming'))).toEqual([]);
  },
);

describe('a folder that is not mounted', () => {
  test('is no deletion, and takes nothing in', async () => {
    rmSync(media, { recursive: true });
    mkdirSync(media);
    writeFileSync(join(folder, 'source'), content);
    await expect(store.has('document', name)).rejects.toThrow(RetryAfterError);
    await expect(linkSaved(store, mine(), name, links[0]!)).rejects.toThrow(/mounted/);
    await expect(takeIn(join(folder, 'source'))).rejects.toThrow(RetryAfterError);
    expect(readdirSync(media)).toEqual([]);
  });
});

describe('a file that already exists', () => {
  test('with another size in the repo is left for the person to check', async () => {
    writeFileSync(repo(), 'short');
    await expect(store.findWhole(mine(), name, 300_000n, sha256)).rejects.toThrow(PermanentError);
    expect(readFileSync(repo(), 'utf8')).toBe('short');
  });

  test('with another size in .incoming is not complete, and is replaced', async () => {
    writeFileSync(join(media, '.incoming', incomingName('document', name, claim)), 'short');
    writeFileSync(join(folder, 'source'), content);
    await bring(join(folder, 'source'));
    expectDone();
  });

  const planted = Buffer.alloc(content.length, 'wrong ');

  test.each(['documents-by-id/32.txt', '.incoming/document-32-6.txt', '.incoming/document-32.txt'])(
    'as %s with the right size is ours only with the hash that was recorded',
    async (place) => {
      const find = (hash: string | null) => store.findWhole(mine(), name, BigInt(content.length), hash);
      writeFileSync(join(media, place), planted);
      expect(await find(sha256)).toBeUndefined();
      expect(await find(null)).toBeUndefined();
      writeFileSync(join(media, place), content);
      expect(await find(null)).toBeUndefined();
      const adopted = place.startsWith('.incoming') ? '.incoming/document-32-7.txt' : place;
      expect(await find(sha256)).toBe(join(media, adopted));
    },
  );

  test('in the repo with other bytes is not replaced, and what was downloaded waits', async () => {
    writeFileSync(repo(), planted);
    writeFileSync(join(folder, 'source'), content);
    await expect(bring(join(folder, 'source'))).rejects.toThrow(`${repo()} is already there, but its bytes differ`);
    expect(readFileSync(repo()).equals(planted)).toBe(true);
    expect(readFileSync(join(media, '.incoming', incomingName('document', name, claim))).equals(content)).toBe(true);
    rmSync(repo());
    await bring(join(folder, 'none'));
    expectDone();
  });

  test('placed in the repo a moment ago is not replaced by a worker that checked before', async () => {
    writeFileSync(join(folder, 'source'), content);
    const path = await takeIn(join(folder, 'source'));
    const source = await store.sourceOf(path, 'document', name);
    writeFileSync(repo(), planted);
    await expect(store.keep(path, source, mine(), name)).rejects.toThrow(RetryAfterError);
    expect(readFileSync(repo()).equals(planted)).toBe(true);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  test('in the repo with the right bytes stays, with all its links', async () => {
    writeFileSync(repo(), content);
    const { ino } = statSync(repo());
    writeFileSync(join(folder, 'source'), content);
    const path = await takeIn(join(folder, 'source'));
    await place(store, path, mine(), name, links);
    expect(statSync(repo()).ino).toBe(ino);
    expectDone();
  });

  test('is distinguished by kind', async () => {
    writeFileSync(repo(), content);
    expect(await store.findWhole(heldAs('photo-32'), name, BigInt(content.length), sha256)).toBeUndefined();
    expect(await store.has('photo', name)).toBe(false);
    expect(await store.has('document', name)).toBe(true);
  });
});

describe('a worker whose claim has lapsed', () => {
  const early = heldAs('document-32', 6n, true);
  const find = (held: Held) => store.findWhole(held, name, BigInt(content.length), sha256);
  const size = content.length;
  const incoming = () => readdirSync(join(media, '.incoming'));

  test('can neither link nor place the file that it took in, once the next one has it', async () => {
    claim = 6n;
    writeFileSync(join(folder, 'source'), content);
    const path = await takeIn(join(folder, 'source'));
    claim = 7n;
    const adopted = (await find(mine()))!;
    expect(adopted).not.toBe(path);
    await expect(store.show(path, early, name, links[0]!)).rejects.toThrow('ENOENT');
    await expect(store.keep(path, path, early, name)).rejects.toThrow('ENOENT');
    await expect(find(early)).rejects.toThrow(ClaimLostError);
    await expect(store.sweep(early)).rejects.toThrow(ClaimLostError);
    expect(statOf(linkPath(links[0]!)) ?? statOf(repo())).toBeUndefined();
    await place(store, adopted, mine(), name, links);
    expectDone();
  });

  test("neither cuts off its successor's copy nor takes it for its own", async () => {
    writeFileSync(join(folder, 'source'), content);
    const [half, whole] = ['document-32-6.txt.copy', 'document-32-7.txt.copy'];
    for (const it of [half, whole]) writeFileSync(join(media, '.incoming', it), content.subarray(0, 1000));
    expect(await store.findWhole(mine(), name, BigInt(size), sha256)).toBeUndefined();
    expect(incoming()).toEqual([]); // leftovers of killed runs take no space
    writeFileSync(join(media, '.incoming', whole), content.subarray(0, 1000));
    await expect(find(early)).rejects.toThrow(ClaimLostError);
    expect(incoming()).toEqual([whole]);
  });
});

test('claims counted from a lower number after a restore do not block existing files', async () => {
  writeFileSync(join(media, '.incoming', 'document-32-99.txt'), content);
  await bring(join(folder, 'none'));
  expectDone();
});

test('a fingerprint covers all bytes, also of an empty file', async () => {
  writeFileSync(join(folder, 'a'), 'abc');
  writeFileSync(join(folder, 'b'), '');
  expect(await store.fingerprint(join(folder, 'a'))).toEqual({
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    size: 3n,
  });
  expect(await store.fingerprint(join(folder, 'b'))).toEqual({
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    size: 0n,
  });
});
