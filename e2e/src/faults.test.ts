/** faults.test.ts: failures of Telegram or the network cost time, but never a message, a byte or an attempt too many. */
import { type Archive, type Fixtures as AllFixtures, type Fleet, test, patience } from '@tgsync/testing';
import type { Chat, Fault, World } from '@tgsync/telegram-emulator';
import { expect, vi } from 'vitest';
import { expectWhole } from './whole.js';

/** More messages than fit on a page, and files on every data centre. */
function addTo(world: World, [chat, friend]: readonly Chat[]): void {
  chat!.addMessages(250);
  friend!.addMessages(120);
  for (let dc = 1; dc <= 4; dc++) {
    chat!.addMessage({ text: 'file', document: world.addDocument({ dc, size: 3_000_000 + dc, name: `on ${dc}.bin` }) });
    friend!.addMessage({ text: 'photo', photo: world.addPhoto({ dc, size: 60_000 }) });
  }
}

function configure(archive: Archive, chats: readonly { id: bigint }[], more: object = {}): void {
  archive.configure(Object.fromEntries(chats.map((it) => [it.id.toString(), {}])), more);
}

type Fixtures = Pick<AllFixtures, 'world' | 'telegram' | 'archive' | 'fleet' | 'db'>;

const attemptsUsed = (fleet: Fleet) => fleet.log.filter((it) => it.msg === 'job failed').length;

const harmless: [string, ...Fault[]][] = [
  [
    'a flood wait on history',
    { method: 'messages.getHistory', kind: 'error', code: 420, message: 'FLOOD_WAIT_2', skip: 1, times: 1 },
  ],
  [
    'a flood wait on files of one data centre',
    { method: 'upload.getFile', dc: 4, kind: 'error', code: 420, message: 'FLOOD_WAIT_2', skip: 1, times: 2 },
  ],
  [
    'a premium flood wait',
    { method: 'upload.getFile', kind: 'error', code: 420, message: 'FLOOD_PREMIUM_WAIT_2', skip: 3, times: 1 },
  ],
  ['dropped file connections', { method: 'upload.getFile', kind: 'drop', skip: 2, times: 2 }],
  ['a dropped main connection', { method: 'messages.getHistory', kind: 'drop', skip: 1, times: 1 }],
  ['a part that is never answered', { method: 'upload.getFile', kind: 'stall', skip: 4, times: 1 }],
  ['wrong salts', { method: /getHistory|getFile/, kind: 'wrong-salt', times: 4 }],
  ['answers that come twice', { method: /getHistory|getFile/, kind: 'answer-twice', times: 10 }],
  [
    'a file that is on another data centre than Telegram said',
    { method: 'upload.getFile', kind: 'error', code: 303, message: 'FILE_MIGRATE_2', dc: 4, skip: 1, times: 1 },
  ],
  ['expired file references', { method: 'upload.getFile', kind: 'expire-references', skip: 3, times: 2 }],
  [
    'expired file references, and an answer that omits some of their messages',
    { method: 'upload.getFile', kind: 'expire-references', skip: 3, times: 2 },
    { method: /getMessages$/, kind: 'odd-page', oddity: 'empty', times: 2 },
  ],
  [
    'a server error on files',
    { method: 'upload.getFile', kind: 'error', code: 500, message: 'INTERNAL', skip: 2, times: 2 },
  ],
  [
    'a server that says it was too slow',
    { method: 'upload.getFile', kind: 'error', code: -503, message: 'Timeout', skip: 2, times: 2 },
  ],
];

/** One fleet meets fault after fault, each with new messages and files; returns the attempts used for each. */
async function meetAll(
  faults: readonly [string, ...Fault[]][],
  { world, telegram, archive, fleet, db }: Fixtures,
  judge: (what: string, attempts: number) => void,
): Promise<void> {
  const chats = [world.addChannel({ title: 'News' }), world.addUser({ title: 'Friend' })];
  // Else most messages come by updates, and history is hardly asked for.
  configure(archive, chats, { tg: { sync_interval: 1, live: false }, download: { request_timeout: 5 } });
  fleet.start('fetch-worker');
  fleet.start('media-worker');
  fleet.start('scheduler');
  for (const [what, ...together] of faults) {
    const before = attemptsUsed(fleet);
    const met = together.map((it) => ({ ...it, seen: telegram.faults.add(it) }));
    addTo(world, chats);
    const { messages } = await world.inventory();
    const isWhole = async () =>
      (await db.message.count()) === messages.length && (await db.message.count({ where: { linked: false } })) === 0;
    await vi.waitUntil(isWhole, patience);
    for (const { seen, times } of met) expect(seen.hits, what).toBe(times);
    judge(what, attemptsUsed(fleet) - before);
  }
  await fleet.stop();
  await expectWhole(world, archive, db);
  expect(telegram.counters().sessionRuleViolations).toBe(0);
}

test(
  'what is not a failure costs no attempt',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    await meetAll(harmless, { world, telegram, archive, fleet, db }, (what, attempts) =>
      expect(attempts, `${what}: ${fleet.troubles()}`).toBe(0),
    );
  },
);

const overcome: [string, Fault][] = [
  ['a truncated part', { method: 'upload.getFile', kind: 'truncate', skip: 3, times: 2 }],
  [
    'a server error on history',
    { method: 'messages.getHistory', kind: 'error', code: 500, message: 'INTERNAL', skip: 1, times: 2 },
  ],
];

test(
  'a failure is overcome by another attempt',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    await meetAll(overcome, { world, telegram, archive, fleet, db }, (what, attempts) =>
      expect(attempts, what).toBeGreaterThan(0),
    );
  },
);

test(
  'a flood wait on files does not restart the file',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'Films' });
    chat.addMessage({
      text: 'film',
      document: world.addDocument({ dc: 4, size: 20 * 512 * 1024, name: 'film.mp4', mimeType: 'video/mp4' }),
    });
    archive.configure({ [chat.id.toString()]: {} });
    telegram.faults.add({
      method: 'upload.getFile',
      kind: 'error',
      code: 420,
      message: 'FLOOD_WAIT_2',
      skip: 12,
      times: 1,
    });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    // 20 parts, the refused one again, and at most those in flight with it: eight at first, one more after each round of answers. A file
    // that began again would have asked for the twelve before it, too.
    const inFlight = 9;
    expect(telegram.counters().calls['upload.getFile']).toBeLessThanOrEqual(20 + inFlight);
  },
);

test('permanent failures are reported with their reasons, make it exit with 1, and are not retried', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chat = world.addChannel({ title: 'News' });
  const gone = world.addDocument({ dc: 3, size: 1000, name: 'gone.bin' });
  const message = chat.addMessage({ text: 'soon gone', document: gone });
  const broken = world.addDocument({ dc: 4, size: 1000, name: 'broken.bin' });
  chat.addMessage({ text: 'broken', document: broken });
  configure(archive, [chat, { id: -1009999999999n }]);
  const expired = telegram.faults.add({
    method: 'upload.getFile',
    dc: 3,
    kind: 'error',
    code: 400,
    message: 'FILE_REFERENCE_EXPIRED',
    times: 1,
  });
  telegram.faults.add({ method: 'upload.getFile', dc: 4, kind: 'error', code: 400, message: 'LOCATION_INVALID' });
  void expired.hit.then(() => chat.deleteMessage(message.id));

  const reported = () =>
    fleet.log
      .filter((it) => it.app === 'scheduler' && it.level === 'error')
      .map((it) => it.reason)
      .join('\n');
  expect(await fleet.runOnce(), fleet.troubles()).toBe(1);
  expect(reported()).toMatch(/chat -1009999999999: this account has no chat with this id/);
  expect(reported()).toContain(`document ${gone.id}: no longer in Telegram`);
  expect(reported()).toContain(`document ${broken.id}: Telegram has no such file (LOCATION_INVALID)`);
  expect(await db.document.findMany({ select: { id: true, state: true }, orderBy: { dcId: 'asc' } })).toEqual([
    { id: gone.id, state: 'gone' },
    { id: broken.id, state: 'failed' },
  ]);

  telegram.resetCounters();
  expect(await fleet.runOnce()).toBe(1);
  expect(telegram.counters().calls['upload.getFile'] ?? 0).toBe(0);
});

test(
  'occasional failures do not make a chat unreadable, however many a long history meets',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const friend = world.addUser({ title: 'Friend' });
    friend.addMessages(1800);
    archive.configure({ [friend.id.toString()]: {} });
    const now = { kind: 'error', code: 500, message: 'INTERNAL', every: 3, times: 6 } as const;
    const met = telegram.faults.add({ method: 'messages.getHistory', ...now });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(met.hits).toBe(6);
    await expectWhole(world, archive, db);
  },
);
