/** Who asks for room gets it only beside all who have it already. The disk is real; only what has to stay free on it is chosen. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, describe, expect } from 'vitest';
import { Room } from './room.js';

const gib = 1024 ** 3;

/** 20 GiB more than must stay free, give or take what others write meanwhile. */
const test = base.extend<{ open: (takesByRename: boolean) => Promise<Room> }>({
  open: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-room-'));
    const { bavail, bsize } = statfsSync(folder);
    const minFree = () => bavail * bsize - 20 * gib;
    const opened: Room[] = [];
    await use(async (takesByRename) => {
      const room = await Room.open({ temp: folder, media: folder, takesByRename, minFree });
      opened.push(room);
      return room;
    });
    for (const room of opened) room.close();
    rmSync(folder, { recursive: true });
  },
});

describe('room for a download', () => {
  test('is what running downloads do not need', async ({ open }) => {
    const room = await open(true);
    const first = await room.admit(12 * gib, 12 * gib);
    await expect(room.admit(12 * gib, 12 * gib)).rejects.toThrow(
      /too little for 24 GiB of running downloads and this one/,
    );
    await room.admit(4 * gib, 12 * gib); // the rest of a file
    first.end();
    await room.admit(12 * gib, 12 * gib);
  });

  test('comes back as bytes are written', async ({ open }) => {
    const room = await open(true);
    const first = await room.admit(12 * gib, 12 * gib);
    first.wrote(8 * gib);
    await room.admit(12 * gib, 12 * gib);
  });

  test('is wanted in /media too, for the whole file, unless a rename brings it there', async ({ open }) => {
    const renaming = await open(true);
    await renaming.admit(gib, 30 * gib);
    const copying = await open(false);
    await expect(copying.admit(gib, 30 * gib)).rejects.toThrow(/too little for 30 GiB/);
    await copying.admit(gib, 12 * gib);
    await expect(copying.admit(gib, 12 * gib)).rejects.toThrow(/too little for 24 GiB/);
  });
});
