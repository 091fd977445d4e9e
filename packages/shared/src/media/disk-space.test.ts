/** Space is granted only beside what others have reserved. The disk is real; only the amount that must stay free is chosen. */
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@tgsync/shared/app';
import { test as base } from '@tgsync/testing';
import { describe, expect } from 'vitest';
import { openDiskSpace } from '@tgsync/shared/media';
import type { DiskSpace } from '@tgsync/shared/store';

const gib = 1024 ** 3;

const media = (id: bigint) => ({ kind: 'document' as const, id });

/** 20 GiB more than must stay free, give or take what others write meanwhile. Each DiskSpace belongs to a worker. */
const test = base.extend<{ open: (takesByRename: boolean) => Promise<DiskSpace> }>({
  open: async ({ db }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-room-'));
    const { bavail, bsize } = statfsSync(folder);
    const minFree = () => bavail * bsize - 20 * gib;
    const opened: DiskSpace[] = [];
    const log = createLogger('test', 'silent');
    await use(async (takesByRename) => {
      const [temp, of] = [join(folder, 'temp'), join(folder, 'media')];
      for (const it of [temp, of]) mkdirSync(it, { recursive: true });
      const room = await openDiskSpace({ db, log, temp, media: of, takesByRename, minFree });
      opened.push(room);
      return room;
    });
    for (const room of opened) await room.close();
    rmSync(folder, { recursive: true });
  },
});

describe('disk space for a download', () => {
  test('is what running downloads do not need', async ({ open }) => {
    const room = await open(true);
    const first = await room.admit(media(1n), 12 * gib, 12 * gib);
    await expect(room.admit(media(2n), 12 * gib, 12 * gib)).rejects.toThrow(
      /too little for the 24 GiB that running downloads and this one need/,
    );
    await room.admit(media(3n), 4 * gib, 12 * gib); // the rest of a file
    first.end();
    await room.admit(media(2n), 12 * gib, 12 * gib);
  });

  test('is not given twice to concurrent requests', async ({ open }) => {
    const room = await open(true);
    const outcomes = await Promise.allSettled([1n, 2n, 3n, 4n].map((it) => room.admit(media(it), 6 * gib, 6 * gib)));
    expect(outcomes.filter((it) => it.status === 'fulfilled')).toHaveLength(3);
  });

  test('is shared by all workers, also for concurrent requests', async ({ open }) => {
    const [one, other] = [await open(true), await open(true)];
    const first = await one.admit(media(1n), 12 * gib, 12 * gib);
    await expect(other.admit(media(2n), 12 * gib, 12 * gib)).rejects.toThrow(/too little for the 24[.\d]* GiB/);
    first.end();
    await one.close();
    await other.admit(media(2n), 12 * gib, 12 * gib);
    const [three, four] = [await open(true), await open(true)];
    const both = [three.admit(media(3n), 5 * gib, 5 * gib), four.admit(media(4n), 5 * gib, 5 * gib)];
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.filter((it) => it.status === 'fulfilled').length).toBeLessThan(2);
  });

  test('is returned as bytes are written', async ({ open }) => {
    const room = await open(true);
    const first = await room.admit(media(1n), 12 * gib, 12 * gib);
    first.wrote(8 * gib);
    await room.admit(media(2n), 12 * gib, 12 * gib);
  });

  test('is needed in /media too, for the whole file, unless a rename gets it there', async ({ open }) => {
    const renaming = await open(true);
    const renamed = await renaming.admit(media(1n), gib, 30 * gib);
    const copying = await open(false);
    await expect(copying.admit(media(2n), gib, 30 * gib)).rejects.toThrow(/too little for the 3\d[.\d]* GiB/);
    renamed.end();
    await renaming.close();
    await copying.admit(media(3n), gib, 12 * gib);
    await expect(copying.admit(media(4n), gib, 12 * gib)).rejects.toThrow(/too little for the 26 GiB/); // one disk holds both
  });
});
