/** cdn.test.ts: files on CDN data centres are archived like all others, and no CDN can get a wrong byte into the archive. */
import { type Fleet, type LogEntry, test as base, patience } from '@tgsync/testing';
import { type CallEvent, type Chat, type Fault, World } from '@tgsync/telegram-emulator';
import { describe, expect, vi } from 'vitest';
import { expectWhole } from './whole.js';

const cdn = 203;
const part = 512 * 1024;
const method = 'upload.getCdnFile';
/** Key exchanges for one key: one key in 256 starts with a zero byte, which GramJS drops, and then starts over. */
const oneKey = [1, 2];

const test = base.extend<{ chat: Chat }>({
  /** A channel that every test archives; one worker downloads a file at a time. */
  chat: async ({ world, archive }, use) => {
    const chat = world.addChannel({ title: 'Popular' });
    archive.configure({ [chat.id.toString()]: {} });
    await use(chat);
  },
});

/** Files of all sizes on two data centres; some must be uploaded to the CDN first, unless `others` says it has them. */
function fill(world: World, chat: Chat, others: 'held' | 'not yet' = 'not yet'): void {
  for (const dc of [2, 4]) {
    for (const [index, size] of [1, 4095, part, part + 1, 3_500_077].entries()) {
      const document = world.addDocument({ dc, size, name: `${index}.bin`, cdn: index % 2 === 0 ? 'held' : others });
      chat.addMessage({ text: 'file', document });
    }
    chat.addMessage({ text: 'photo', photo: world.addPhoto({ dc, size: 60_000, cdn: 'held' }) });
  }
}

const attemptsUsed = (fleet: Fleet) => fleet.log.filter((it) => it.msg === 'job failed').length;
const refused = (fleet: Fleet) => fleet.log.filter((it) => it.msg === 'wrong bytes; part rejected').length;

test('files of two data centres, cached by the CDN or uploaded to it first', async ({
  world,
  chat,
  telegram,
  archive,
  fleet,
  db,
}) => {
  fill(world, chat);
  chat.addMessage({ text: 'ordinary', document: world.addDocument({ dc: 4, size: 700_000 }) });
  const atCdn: CallEvent[] = [];
  telegram.onCall((call) => call.dc === cdn && atCdn.push(call));
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  await expectWhole(world, archive, db);
  const { calls, callsByDc, keyExchanges, errors, connections } = telegram.counters();
  expect(Object.keys(callsByDc['upload.getCdnFile']!)).toEqual([`${cdn}`]);
  expect(new Set(atCdn.map((it) => it.method))).toEqual(new Set(['upload.getCdnFile']));
  expect(calls['upload.reuploadCdnFile']).toBeGreaterThanOrEqual(4);
  expect(callsByDc['upload.reuploadCdnFile']).toMatchObject({ 2: expect.any(Number), 4: expect.any(Number) });
  expect(calls['upload.getCdnFileHashes']).toBeGreaterThan(0);
  expect(keyExchanges[cdn]).toBeOneOf(oneKey);
  expect(errors).toEqual({});
  // It learns nothing about us, and the limit of connections applies to it, too.
  expect(new Set(atCdn.map((it) => it.client?.deviceModel))).toEqual(new Set(['n/a']));
  expect(connections.find((it) => it.dc === cdn)!.opened).toBeLessThanOrEqual(8 + 1);
  expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
});

describe('hashes of ranges that do not match our parts', () => {
  const uneven = test.extend<{ world: World }>({
    world: async ({}, use) => {
      await use(new World({ hashRange: 100_000 }));
    },
  });

  uneven(
    'reject wrong bytes and short answers, which are requested again',
    { tags: 'thorough' },
    async ({ world, chat, telegram, archive, fleet, db }) => {
      // Files that must be uploaded to the CDN first are left out: their first answers carry no bytes to corrupt.
      fill(world, chat, 'held');
      telegram.faults.add({ method, kind: 'corrupt', at: 0, skip: 1, times: 1 });
      telegram.faults.add({ method, kind: 'truncate', skip: 4, times: 1 });
      expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
      await expectWhole(world, archive, db);
      expect(refused(fleet)).toBeGreaterThan(0);
      expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    },
  );
});

test(
  'files dropped by the CDN, expired tokens, flood waits and slow uploads cost no attempt',
  { tags: 'thorough' },
  async ({ world, chat, telegram, archive, fleet, db }) => {
    fill(world, chat);
    const flood = { kind: 'error', code: 420, message: 'FLOOD_WAIT_1', times: 1 } as const;
    const late = { kind: 'error', code: 500, message: 'CDN_UPLOAD_TIMEOUT', skip: 1, times: 1 } as const;
    const faults: Fault[] = [
      { method, kind: 'drop-cdn-files', skip: 5, times: 2 },
      { method, kind: 'expire-cdn-tokens', skip: 8, times: 2 },
      { method, ...flood, skip: 2 },
      { method: 'upload.reuploadCdnFile', ...flood },
      { method: 'upload.getCdnFileHashes', ...flood },
      { method: 'upload.reuploadCdnFile', ...late },
    ];
    const met = faults.map((it) => telegram.faults.add(it));
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(met.map((it) => it.hits)).toEqual(faults.map((it) => it.times));
    expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
  },
);

/** What a CDN may do forever, and the reason logged when it is abandoned. */
const useless: [string, Fault, RegExp][] = [
  ['sends nothing but wrong bytes', { method, kind: 'corrupt' }, /sent wrong bytes 3 times at byte 0/],
  [
    'says that there is no such file',
    { method, kind: 'error', code: 400, message: 'LOCATION_INVALID' },
    /refused: Telegram has no such file/,
  ],
  ['breaks every connection', { method, kind: 'drop' }, /refused: the connection to Telegram broke/],
  ['never answers', { method, kind: 'stall' }, /refused: .*no answer within 5 s/],
  ['keeps no file', { method, kind: 'drop-cdn-files' }, /does not have the file/],
  ['knows no token', { method, kind: 'expire-cdn-tokens' }, /its redirect expired repeatedly/],
];

test(
  'an unusable CDN is abandoned, whatever it does: files come from their own data centre, at no cost of an attempt',
  { tags: 'thorough' },
  async ({ world, chat, telegram, archive, fleet, db }) => {
    archive.configure({ [chat.id.toString()]: {} }, { tg: { sync_interval: 1 }, download: { request_timeout: 5 } });
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    fleet.start('scheduler');
    for (const [what, fault, reason] of useless) {
      const met = telegram.faults.add(fault);
      const document = world.addDocument({ dc: 2, size: 300_000, cdn: 'held' });
      chat.addMessage({ text: what, document });
      const saved = async () => (await db.document.findUnique({ where: { id: document.id } }))?.saved === true;
      await vi.waitUntil(saved, patience);
      met.remove();
      const isLeft = (it: LogEntry) => it.msg.startsWith('CDN unusable') && it.id === document.id.toString();
      expect((await fleet.until(isLeft)).reason, what).toMatch(reason);
    }
    await fleet.stop();
    expect(fleet.log.filter((it) => it.msg.startsWith('CDN unusable'))).toHaveLength(useless.length);
    expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
  },
);

test(
  'an unreachable CDN, for which no key can be made, is abandoned',
  { tags: 'thorough' },
  async ({ world, chat, telegram, archive, fleet, db }) => {
    chat.addMessage({ text: 'file', document: world.addDocument({ dc: 2, size: 300_000, cdn: 'held' }) });
    archive.configure({ [chat.id.toString()]: {} }, { download: { request_timeout: 2 } }); // how long to wait for a key
    telegram.cutOff(cdn);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    expect(fleet.log.filter((it) => it.msg === 'job failed' && it.job === 'download-media')).toEqual([]);
    const left = fleet.log.filter((it) => it.msg.startsWith('CDN unusable'));
    expect(left.map((it) => it.reason)).toEqual([expect.stringContaining('a key is needed')]);
  },
);

test(
  'the CDN’s key is made once for all media workers, and again once the CDN has lost it',
  { tags: 'thorough' },
  async ({ world, chat, telegram, archive, fleet, db }) => {
    archive.configure({ [chat.id.toString()]: {} }, { tg: { sync_interval: 1 } });
    fleet.start('fetch-worker');
    fleet.start('scheduler');
    const keysAfterOneMore = async (): Promise<number | undefined> => {
      const document = world.addDocument({ dc: 4, size: 600_000, cdn: 'held' });
      chat.addMessage({ text: 'file', document });
      const saved = async () => (await db.document.findUnique({ where: { id: document.id } }))?.saved === true;
      await vi.waitUntil(saved, patience);
      return telegram.counters().keyExchanges[cdn];
    };
    const worker = fleet.start('media-worker');
    const first = await keysAfterOneMore();
    expect(first).toBeOneOf(oneKey);
    await fleet.kill(worker, 'SIGTERM');
    fleet.start('media-worker');
    expect(await keysAfterOneMore()).toBe(first);
    telegram.forgetKeys(cdn);
    expect((await keysAfterOneMore())! - first!).toBeOneOf(oneKey);
    expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    await fleet.stop();
    await expectWhole(world, archive, db);
  },
);
