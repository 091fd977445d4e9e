/** What changes without an edit is kept as it is now: reactions, votes, previews, pins, topics; none of it makes a version. */
import type { BareDb } from '@tgsync/shared/db/bare';
import {
  closePoll,
  type Emulator,
  expireMedia,
  hiddenEdit,
  hideHistory,
  openPaidMedia,
  pin,
  react,
  vote,
} from '@tgsync/telegram-emulator';
import { patience, test } from '@tgsync/testing';
import { describe, expect, vi } from 'vitest';
import { calls, rarely, untilLive } from './live-fleet.js';
import { filesAsked, waitingMedia } from './media-queue.js';

const row = async (db: BareDb, chatId: bigint, id: number) =>
  await db.message.findFirst({ where: { chatId, id: BigInt(id) } });
const raw = async (db: BareDb, chatId: bigint, id: number) =>
  (await row(db, chatId, id))?.raw as Record<string, unknown>;

/** Counts how often the row of a message is written. */
async function countWrites(db: BareDb): Promise<() => Promise<number>> {
  await db.$executeRawUnsafe('CREATE TABLE write_count (id bigint)');
  await db.$executeRawUnsafe(`CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO public.write_count VALUES (NEW.id); RETURN NULL; END'`);
  await db.$executeRawUnsafe(
    'CREATE TRIGGER count_write AFTER UPDATE ON message FOR EACH ROW EXECUTE FUNCTION count_write()',
  );
  return async () => {
    const [{ count }] = await db.$queryRawUnsafe<[{ count: bigint }]>('SELECT count(*) FROM write_count');
    return Number(count);
  };
}

describe('reactions', () => {
  const likes = async (db: BareDb, chatId: bigint, id: number) => {
    const { reactions } = (await raw(db, chatId, id)) as { reactions?: { results: { count: number }[] } };
    return reactions?.results.reduce((sum, it) => sum + it.count, 0);
  };

  test(
    'a hidden edit for a reaction: no version, and it does not show as edited',
    { tags: 'thorough' },
    async ({ world, archive, fleet, db }) => {
      const chat = world.addChannel({ title: 'News' });
      const [quiet, edited] = ['quiet', 'old'].map((text) => chat.addMessage({ text }));
      await untilLive({ archive, fleet, db }, [chat]);
      chat.editMessage(edited!.id, { text: 'new' });
      await vi.waitUntil(async () => (await row(db, chat.id, edited!.id))?.editDate, patience);
      const { editDate } = (await row(db, chat.id, edited!.id))!;
      for (const it of [quiet!, edited!]) react(chat, it.id, world.account.userId, '👍', 'hidden-edit');
      hiddenEdit(chat, quiet!.id, { reply_markup: { _: 'replyKeyboardHide' } });
      await vi.waitUntil(async () => (await likes(db, chat.id, edited!.id)) === 1, patience);
      await vi.waitUntil(async () => (await raw(db, chat.id, quiet!.id))['replyMarkup'], patience);
      expect(await row(db, chat.id, quiet!.id)).toMatchObject({ editDate: null });
      expect(await row(db, chat.id, edited!.id)).toMatchObject({ editDate });
      expect(await db.messageVersion.count()).toBe(1);
    },
  );

  test(
    'a reaction burst of 1,000: no version, one write per message and second',
    { tags: 'thorough' },
    async ({ world, archive, fleet, db }) => {
      const chat = world.addSupergroup({ title: 'Forum' });
      const [first, second] = ['one', 'two'].map((text) => chat.addMessage({ text }));
      const people = Array.from({ length: 500 }, (_, index) => world.addUser({ title: `Fan ${index}` }));
      await untilLive({ archive, fleet, db }, [chat]);
      const writes = await countWrites(db);
      const began = performance.now();
      for (const [index, who] of people.entries()) {
        for (const it of [first!, second!]) react(chat, it.id, who, '👍');
        if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      for (const it of [first!, second!])
        await vi.waitUntil(async () => (await likes(db, chat.id, it.id)) === people.length, patience);
      const seconds = (performance.now() - began) / 1000;
      expect(await writes()).toBeLessThanOrEqual(2 * Math.ceil(seconds));
      expect(await db.messageVersion.count()).toBe(0);
    },
  );

  test(
    'that came after an edit, which waited for an update before it, are not undone by it',
    { tags: 'thorough' },
    async ({ world, telegram, archive, fleet, db }) => {
      const chat = world.addChannel({ title: 'News' });
      const { id } = chat.addMessage({ text: 'old' });
      await untilLive({ archive, fleet, db }, [chat]);
      const away = { kind: 'error', code: 500, message: 'PERSISTENT_TIMESTAMP_OUTDATED' } as const;
      const fault = telegram.faults.add({ method: 'updates.getChannelDifference', ...away });
      const late = telegram.pushes.fault({ kind: 'hold', chat, times: 1 });
      chat.addMessage({ text: 'late' });
      chat.editMessage(id, { text: 'new' });
      react(chat, id, world.account.userId, '👍');
      await vi.waitUntil(async () => (await likes(db, chat.id, id)) === 1, patience);
      expect((await row(db, chat.id, id))!.message).toBe('old');
      late.remove();
      await vi.waitUntil(async () => (await row(db, chat.id, id))!.message === 'new', patience);
      expect(await likes(db, chat.id, id)).toBe(1);
      fault.remove();
    },
  );
});

const plain = (text: string) => ({ _: 'textWithEntities', text, entities: [] });
const newPoll = (id: bigint, more: object = {}) => {
  const answers = ['yes', 'no'].map((it) => ({ _: 'pollAnswer', text: plain(it), option: Buffer.from(it) }));
  const poll = { _: 'poll', id, question: plain('Shall we?'), answers, hash: 0n, ...more };
  return { _: 'messageMediaPoll', poll, results: { _: 'pollResults', total_voters: 0 } };
};
interface PollMedia {
  poll: { closed?: boolean };
  results: { totalVoters: number; min?: true };
}

describe.for(['addChannel', 'addGroup'] as const)('%s', (kind) => {
  const often = kind === 'addChannel' ? {} : { tags: 'thorough' };

  test(
    'a web page arrives later: every message that holds it has it, its photo is saved, and nothing is an edit',
    often,
    async ({ world, archive, fleet, db }) => {
      const chats = [world[kind]({ title: 'News' }), world[kind]({ title: 'Cats' })];
      const photo = world.addPhoto({ dc: 2, size: 4000 });
      const pendingUntil = Math.ceil(Date.now() / 1000) + 3600;
      const preview = { url: 'https://example.org/', title: 'Soon', photo, pendingUntil };
      const held = chats.map((it) => it.addMessage({ text: 'look', preview }));
      await untilLive({ archive, fleet, db }, chats);
      fleet.start('media-worker');
      chats[0]!.previewReady(held[0]!.id);
      for (const [index, chat] of chats.entries()) {
        const page = async () => ((await raw(db, chat.id, held[index]!.id))['media'] as { webpage: object }).webpage;
        await vi.waitFor(async () => expect(await page()).toMatchObject({ _: 'WebPage', title: 'Soon' }), patience);
        await vi.waitUntil(async () => (await row(db, chat.id, held[index]!.id))?.linked, patience);
        expect(await row(db, chat.id, held[index]!.id)).toMatchObject({ photoId: photo.id, editDate: null });
      }
      expect(await db.photo.findFirst()).toMatchObject({ state: 'saved' });
      expect(await db.messageMedia.count({ where: { link: 'linked', via: 'webpage' } })).toBe(2);
      expect(await db.messageVersion.count()).toBe(0);
    },
  );

  test('pin and unpin, several at once', { tags: 'thorough' }, async ({ world, archive, fleet, db }) => {
    const chat = world[kind]({ title: 'News' });
    const ids = ['one', 'two', 'three'].map((text) => chat.addMessage({ text }).id);
    await untilLive({ archive, fleet, db }, [chat]);
    const pinned = async () =>
      (await db.message.findMany({ orderBy: { id: 'asc' } })).map(
        (it) => (it.raw as { pinned?: true }).pinned ?? false,
      );
    pin(chat, ids.slice(0, 2));
    await vi.waitFor(async () => expect(await pinned()).toEqual([true, true, false]), patience);
    pin(chat, ids.slice(1, 2), false);
    await vi.waitFor(async () => expect(await pinned()).toEqual([true, false, false]), patience);
  });

  test(
    'a poll closes, and votes are counted, by its id alone',
    { tags: 'thorough' },
    async ({ world, archive, fleet, db }) => {
      const chat = world[kind]({ title: 'News' });
      const { id } = chat.addMessage({ media: newPoll(77n) });
      await untilLive({ archive, fleet, db }, [chat]);
      const media = async () => (await raw(db, chat.id, id))['media'] as PollMedia;
      vote(chat, id, 0);
      vote(chat, id, 1);
      await vi.waitUntil(async () => (await media()).results.totalVoters === 2, patience);
      expect((await media()).poll.closed).toBeUndefined();
      closePoll(chat, id);
      await vi.waitUntil(async () => (await media()).poll.closed, patience);
      expect((await media()).results).toMatchObject({ totalVoters: 2, results: [{ voters: 1 }, { voters: 1 }] });
      expect(await db.messageVersion.count()).toBe(0);
    },
  );
});

describe('a poll whose end nobody told', () => {
  const results = { _: 'pollResults', min: true, total_voters: 0 };
  const endsSoon = () => ({ ...newPoll(77n, { close_date: Math.ceil(Date.now() / 1000) + 3 }), results });
  const asked = (telegram: Emulator) => calls(telegram, 'messages.getPollResults');
  const mediaOf = async (db: BareDb, chatId: bigint, id: number) => (await raw(db, chatId, id))['media'] as PollMedia;

  const saysEnd = async (db: BareDb, chatId: bigint, id: number) => {
    await vi.waitUntil(async () => (await row(db, chatId, id))!.askAgainAt === null, patience);
    const { poll, results } = await mediaOf(db, chatId, id);
    expect({ poll, results }).toMatchObject({ poll: { closed: true }, results: { totalVoters: 1 } });
    expect(results.min).toBeUndefined();
  };

  test(
    'is asked for once after it, even by a fleet that was not there',
    { tags: 'thorough' },
    async ({ world, telegram, archive, fleet, db }) => {
      const chat = world.addChannel({ title: 'News' });
      chat.addMessage({ text: 'old' });
      const worker = await untilLive({ archive, fleet, db }, [chat]);
      const { id } = chat.addMessage({ media: endsSoon() });
      await vi.waitUntil(async () => await row(db, chat.id, id), patience);
      await fleet.kill(worker);
      telegram.pushes.fault({ kind: 'drop', chat });
      vote(chat, id, 0);
      closePoll(chat, id);
      fleet.start('fetch-worker');
      await saysEnd(db, chat.id, id);
      expect(asked(telegram)).toBe(1);
    },
  );

  test('is stored where updates are not applied, too', { tags: 'thorough' }, async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    const { id } = chat.addMessage({ media: endsSoon() });
    archive.configure({ [`${chat.id}`]: {} }, { tg: { ...rarely.tg, live: false } });
    for (const it of ['scheduler', 'fetch-worker'] as const) fleet.start(it);
    await vi.waitUntil(async () => await row(db, chat.id, id), patience);
    vote(chat, id, 0);
    closePoll(chat, id);
    await db.message.updateMany({ data: { askAgainAt: new Date() } }); // it may have been read after its time, but before its end
    await saysEnd(db, chat.id, id);
  });

  test.for([
    [400, 'MESSAGE_ID_INVALID'],
    [500, 'INTERNAL_SERVER_ERROR'],
  ] as const)(
    'is what the message shows if the results are always refused (%i)',
    { tags: 'thorough' },
    async ([code, message], { world, telegram, archive, fleet, db }) => {
      const chat = world.addChannel({ title: 'News' });
      chat.addMessage({ text: 'old' });
      await untilLive({ archive, fleet, db }, [chat]);
      telegram.faults.add({ method: 'messages.getPollResults', kind: 'error', code, message });
      const { id } = chat.addMessage({ media: endsSoon() });
      await vi.waitUntil(async () => await row(db, chat.id, id), patience);
      telegram.pushes.fault({ kind: 'drop', chat });
      closePoll(chat, id);
      await vi.waitUntil(async () => (await row(db, chat.id, id))!.askAgainAt === null, patience);
      expect((await mediaOf(db, chat.id, id)).poll.closed).toBe(true);
      if (code === 400) expect(asked(telegram)).toBe(1);
    },
  );
});

test('media that were paid for are asked for again', { tags: 'thorough' }, async ({ world, archive, fleet, db }) => {
  const chat = world.addChannel({ title: 'News' });
  const photo = world.addPhoto({ dc: 2, size: 4000 });
  const extended_media = [{ _: 'messageExtendedMediaPreview', w: 1, h: 1 }];
  const { id } = chat.addMessage({ media: { _: 'messageMediaPaidMedia', stars_amount: 1n, extended_media } });
  await untilLive({ archive, fleet, db }, [chat]);
  openPaidMedia(chat, id, [{ _: 'messageMediaPhoto', photo }]);
  await vi.waitUntil(async () => (await row(db, chat.id, id))?.photoId === photo.id, patience);
  expect(await db.messageVersion.count()).toBe(0);
});

test('a view-once photo is saved before it expires, before all others, and stays', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const [chat, ann] = [world.addChannel({ title: 'Long' }), world.addUser({ title: 'Ann' })];
  ann.addMessage({ text: 'hello' });
  for (let index = 0; index < 40; index++)
    chat.addMessage({ document: world.addDocument({ name: `${index}.bin`, size: 600_000 }) });
  await untilLive({ archive, fleet, db }, [chat, ann], { tg: { sync_interval: 3600, concurrent_downloads: 1 } });
  const dashboard = (await fleet.until((it) => it.msg === 'dashboard listening')).address as string;
  const queued = (count: number) =>
    vi.waitUntil(async () => (await waitingMedia(dashboard, archive)) === count, patience);
  await queued(40);
  const asked = filesAsked(telegram);
  const held = telegram.faults.add({ method: 'upload.getFile', kind: 'late', skip: 4 });
  fleet.start('media-worker');
  await held.hit;
  await queued(37); // the third one is held
  const photo = world.addPhoto({ dc: 2, size: 4000 });
  const { id } = ann.addMessage({ media: { _: 'messageMediaPhoto', photo, ttl_seconds: 10 } });
  await queued(38);
  held.remove();
  await vi.waitUntil(async () => (await db.photo.findFirst())?.state === 'saved', patience);
  expect([...new Set(asked)].indexOf(photo.id)).toBe(3);
  expireMedia(ann, id);
  await vi.waitUntil(async () => (await row(db, ann.id, id))?.expiredAt, patience);
  expect(await row(db, ann.id, id)).toMatchObject({ photoId: photo.id, editDate: null, deletedAt: null });
  expect(await raw(db, ann.id, id)).toMatchObject({ media: { photo: { id: `${photo.id}` }, ttlSeconds: 10 } });
  expect(await db.messageVersion.count()).toBe(0);
  const { calls } = telegram.counters();
  expect(Object.keys(calls).filter((it) => it.includes('read'))).toEqual([]); // nobody learns that it was seen
});

test(
  'what is hidden from the account is recorded, and nothing is deleted',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addSupergroup({ title: 'Forum' });
    const ids = ['one', 'two'].map((text) => chat.addMessage({ text }).id);
    await untilLive({ archive, fleet, db }, [chat]);
    hideHistory(chat, ids[0]!);
    const hidden = async () => (await db.dialog.findFirst({ where: { chatId: chat.id } }))?.availableMinId;
    await vi.waitUntil(async () => (await hidden()) === BigInt(ids[0]!), patience);
    expect(await db.message.count({ where: { deletedAt: null } })).toBe(2);
  },
);
