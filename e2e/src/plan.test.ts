/** plan.test.ts: `tgsync plan` tells before anything is downloaded what then is: exactly where it can know, otherwise with how far off it may be. */
import { type Archive, type Fleet, patience, test } from '@tgsync/testing';
import type { BareDb } from '@tgsync/shared/db/bare';
import type { Chat, World } from '@tgsync/telegram-emulator';
import { expect, vi } from 'vitest';
import { z } from 'zod';
import { tgsync } from './command-line.js';

const amount = z.object({ files: z.int(), bytes: z.int() });
const planSchema = z.object({
  chats: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      unreadIds: z.string().nullable(),
      kinds: z.array(
        z.object({ kind: z.string(), known: amount, estimated: amount.extend({ offBy: amount }).nullable() }),
      ),
      problem: z.string().nullable(),
    }),
  ),
  problems: z.array(z.string()),
});

async function plan(archive: Archive, ...args: string[]) {
  const { code, stdout, stderr } = await tgsync(archive.env, ['plan', '--json', ...args]);
  return { code, stderr, ...planSchema.parse(JSON.parse(stdout)) };
}

type Planned = Awaited<ReturnType<typeof plan>>;

/** What is planned of a chat and kind; of all without them. */
function sum({ chats }: Planned, chat?: Chat, kind?: string) {
  const kinds = chats.filter((it) => !chat || it.id === `${chat.id}`).flatMap((it) => it.kinds);
  const of = kinds.filter((it) => !kind || it.kind === kind).map((it) => it.known);
  return { files: of.reduce((all, it) => all + it.files, 0), bytes: of.reduce((all, it) => all + it.bytes, 0) };
}

/** What is on disk, by the database. */
async function saved(db: BareDb) {
  const [row] = await db.$queryRaw<{ files: number; bytes: number }[]>`
    SELECT count(*)::int AS files, coalesce(sum(size), 0)::int AS bytes FROM (
      SELECT size FROM photo WHERE saved UNION ALL SELECT size FROM document WHERE saved) file`;
  return row!;
}

const video = { mimeType: 'video/mp4', attributes: [{ _: 'documentAttributeVideo', duration: 3, w: 2, h: 2 }] };

function fill(world: World, chat: Chat, rounds: number): void {
  for (let index = 0; index < rounds; index++) {
    chat.addMessage({ text: 'words' });
    chat.addMessage({ text: 'p', photo: world.addPhoto({ size: 1000 + index }) });
    chat.addMessage({ text: 'v', document: world.addDocument({ ...video, name: 'v.mp4', size: 2000 + 10 * index }) });
    chat.addMessage({ text: 'd', document: world.addDocument({ name: 'd.bin', size: 500 }) });
  }
}

const runOnce = async (fleet: Fleet) => expect(await fleet.runOnce(), fleet.troubles()).toBe(0);

test('the plan of unread, half read and changed chats is what is then fetched, to the byte', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const [news, friend, fresh] = [
    world.addChannel({ title: 'News' }),
    world.addUser({ title: 'Friend' }),
    world.addSupergroup({ title: 'Fresh' }),
  ];
  fill(world, news, 20);
  fill(world, friend, 10);
  const club = world.addGroup({ title: 'Club' });
  fill(world, club, 3);
  const shared = world.addDocument({ name: 'shared.bin', size: 7777 });
  for (const chat of [news, fresh, fresh]) chat.addMessage({ text: 'again', document: shared });
  const noVideos = { media: [{ skip: { kind: 'video' } }] };
  const configure = (chats: Record<string, object>) => archive.configure(chats, { tg: { message_limit: 50 } });

  // Before the first start there are not even tables.
  configure({ [`${club.id}`]: {} });
  const alone = await plan(archive);
  expect([alone.code, sum(alone).files]).toEqual([0, 9]);
  configure({ [`${news.id}`]: noVideos, [`${friend.id}`]: { range: [1, 0] }, [`${club.id}`]: {} });
  const first = await plan(archive);
  expect(first).toMatchObject({ code: 0, problems: [] });
  expect(first.chats.map((it) => it.title).sort()).toEqual(['Club', 'Friend', 'News']);
  expect(sum(first, news, 'photo')).toEqual({ files: 20, bytes: 20 * 1000 + 190 });
  expect(sum(first, news, 'video')).toEqual({ files: 0, bytes: 0 });
  expect(Object.keys(telegram.counters().calls).filter((it) => it.startsWith('upload.'))).toEqual([]);
  expect([await db.message.count(), await db.coverage.count()]).toEqual([0, 0]);
  await runOnce(fleet);
  expect(await saved(db)).toEqual(sum(first));

  // A chat is added, another one goes on, and the rules change: all before the scheduler knows of it.
  fill(world, fresh, 15);
  fill(world, news, 5);
  configure({
    [`${news.id}`]: {},
    [`${friend.id}`]: {},
    [`${club.id}`]: {},
    [`${fresh.id}`]: { media: { size: { max: 1007 } } },
  });
  const before = await saved(db);
  const second = await plan(archive);
  expect(sum(second, friend)).toEqual({ files: 0, bytes: 0 });
  expect(sum(second, news, 'video').files).toBe(25);
  expect(sum(second, fresh, 'photo').files).toBe(8);
  await runOnce(fleet);
  const after = await saved(db);
  expect({ files: after.files - before.files, bytes: after.bytes - before.bytes }).toEqual(sum(second));
  expect(sum(await plan(archive))).toEqual({ files: 0, bytes: 0 });
});

test(
  'the running fleet is asked; a long history is estimated, a chat that is not there says so',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const long = world.addChannel({ title: 'Long' });
    const other = world.addChannel({ title: 'Other', username: 'other' });
    fill(world, long, 1000);
    fill(world, other, 2);
    archive.configure({ '@other': {} });
    for (const app of ['fetch-worker', 'media-worker', 'scheduler'] as const) fleet.start(app);
    await vi.waitUntil(async () => (await db.dialog.count({ where: { wanted: true, state: 'ok' } })) === 1, patience);
    archive.configure({ '@other': {}, '@nobody': {}, [`${long.id}`]: {}, '-1009999999999': {} });
    const planned = await plan(archive);
    expect(planned.code).toBe(1);
    expect(planned.chats.find((it) => it.id === '-1009999999999')!.problem).toContain(
      'this account has no chat with this id',
    );
    expect(planned.chats.map((it) => it.id)).toContain(`${other.id}`);
    expect(planned.problems).toEqual([expect.stringMatching(/^@nobody: which chats that means is not known yet/)]);
    const kinds = planned.chats.find((it) => it.id === `${long.id}`)!.kinds;
    const files = { photo: 1499.5 * 1000, video: 6995 * 1000, document: 500 * 1000 };
    for (const [kind, bytes] of Object.entries(files)) {
      const { known, estimated } = kinds.find((it) => it.kind === kind)!;
      expect(known.files).toBe(0);
      expect(Math.abs(estimated!.files - 1000)).toBeLessThanOrEqual(estimated!.offBy.files + 1);
      expect(Math.abs(estimated!.bytes - bytes)).toBeLessThanOrEqual(estimated!.offBy.bytes + bytes / 50);
    }
    expect(await db.message.count({ where: { chatId: long.id } })).toBe(0);
    const { stdout } = await tgsync(archive.env, ['plan']);
    expect(stdout).toMatch(/photo +~1,0\d\d +~1\.\d+ MB +estimated, ±\d+ %/);
    expect(stdout).toMatch(/To download: ~3,0\d\d files, ~[\d.]+ MB \(estimated, ±\d+ %\)\./);
    expect(await plan(archive, '--offline')).toMatchObject({
      code: 1,
      problems: ['Telegram was not asked (--offline)', expect.stringMatching(/^@nobody/)],
    });
  },
);
