/** hashes.test.ts: bytes of ordinary files are checked against Telegram's hashes as configured by download.check_hashes; wrong ones are not kept. */
import { type Archive, type Fleet, test, patience } from '@tgsync/testing';
import type { Chat, Fault, World } from '@tgsync/telegram-emulator';
import { describe, expect, vi } from 'vitest';
import { expectWhole } from './whole.js';

const part = 512 * 1024;
const method = 'upload.getFile';

function addChannel(world: World, archive: Archive, download: object): Chat {
  const chat = world.addChannel({ title: 'Films' });
  archive.configure({ [chat.id.toString()]: {} }, { download });
  return chat;
}

const addFile = (world: World, chat: Chat, size: number, dc = 4) =>
  chat.addMessage({ text: 'film', document: world.addDocument({ dc, size, name: `${size}.bin` }) });

const logged = (fleet: Fleet, msg: string) => fleet.log.filter((it) => it.msg === msg);

test(
  'always: every wrong byte is requested again, whatever happens to the hashes',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = addChannel(world, archive, { check_hashes: 'always' });
    for (const dc of [2, 4]) for (const size of [1, 131_073, 4 * part + 5]) addFile(world, chat, size, dc);
    chat.addMessage({ text: 'photo', photo: world.addPhoto({ dc: 3, size: 70_000 }) });
    const hashes = 'upload.getFileHashes';
    const faults: Fault[] = [
      { method, kind: 'corrupt', times: 1 },
      { method, kind: 'corrupt', at: 0, skip: 4, times: 1 },
      { method, kind: 'corrupt', at: part, skip: 8, times: 1 },
      { method: hashes, kind: 'error', code: 420, message: 'FLOOD_WAIT_1', skip: 1, times: 1 },
      { method: hashes, kind: 'drop', skip: 3, times: 1 },
    ];
    const met = faults.map((it) => telegram.faults.add(it));
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(met.map((it) => it.hits)).toEqual(faults.map((it) => it.times));
    await expectWhole(world, archive, db);
    expect(logged(fleet, 'wrong bytes; part rejected').length).toBeGreaterThan(0);
    expect(logged(fleet, 'job failed'), fleet.troubles()).toEqual([]);
  },
);

test(
  'always: bytes that stay wrong cost an attempt, with the reason; a server without hashes does not',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = addChannel(world, archive, { check_hashes: 'always' });
    addFile(world, chat, 100_000, 4);
    addFile(world, chat, 100_001, 3);
    telegram.faults.add({ method, dc: 4, kind: 'corrupt', times: 3 });
    const refused = { kind: 'error', code: 400, message: 'LOCATION_INVALID' } as const;
    telegram.faults.add({ method: 'upload.getFileHashes', dc: 3, ...refused });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    expect(logged(fleet, 'wrong bytes; part rejected')).toHaveLength(3);
    const failed = logged(fleet, 'job failed').map((it) => JSON.stringify(it));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toContain('Telegram sent wrong bytes 3 times at byte 0');
  },
);

describe('by default a sample is checked', () => {
  test(
    'the first and last bytes of a file, with a few calls',
    { tags: 'thorough' },
    async ({ world, telegram, archive, fleet, db }) => {
      const chat = addChannel(world, archive, {});
      addFile(world, chat, part + 1, 4);
      addFile(world, chat, 12 * part, 3);
      telegram.faults.add({ method, dc: 4, kind: 'corrupt', at: 0, times: 2 });
      expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
      expect(logged(fleet, 'wrong bytes; part rejected').length).toBeGreaterThan(0);
      expect(logged(fleet, 'job failed')).toEqual([]);
      await expectWhole(world, archive, db);
      expect(telegram.counters().calls['upload.getFileHashes']).toBeLessThanOrEqual(3 + 3);
    },
  );
});

test(
  'never: no hashes are requested and nothing is checked, until the setting changes',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const more = { tg: { sync_interval: 1 } };
    const chat = world.addChannel({ title: 'Films' });
    const configure = (check_hashes: string) =>
      archive.configure({ [chat.id.toString()]: {} }, { ...more, download: { check_hashes } });
    configure('never');
    addFile(world, chat, part + 1);
    telegram.faults.add({ method, kind: 'corrupt', at: 0, times: 1 });
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    const scheduler = fleet.start('scheduler');
    const saved = () => db.document.findMany({ where: { saved: true }, select: { sha256: true } });
    await vi.waitUntil(async () => (await saved()).length === 1, patience);
    const [right] = (await world.inventory()).files;
    expect((await saved())[0]!.sha256).not.toBe(right!.sha256);
    const hashCalls = () => telegram.counters().calls['upload.getFileHashes'] ?? 0;
    expect(hashCalls()).toBe(0);

    await fleet.kill(scheduler, 'SIGTERM');
    configure('always');
    fleet.start('scheduler');
    let files = 1;
    const checked = async () => {
      if ((await saved()).length < files) return false;
      if (hashCalls() > 0) return true;
      addFile(world, chat, part + ++files);
      return false;
    };
    await vi.waitUntil(checked, { ...patience, interval: 200 });
  },
);
