/** selectors.test.ts: chats are named by username, link, folder or "*"; what that means is asked of Telegram, shown, and kept. */
import type { BareDb } from '@tgsync/shared/db/bare';
import { patience, test } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { tgsync } from './command-line.js';

/** Chats with messages in the archive. */
async function archived(db: BareDb): Promise<bigint[]> {
  const chats = await db.message.groupBy({ by: ['chatId'], orderBy: { chatId: 'asc' } });
  return chats.map((it) => it.chatId);
}

const count = async (db: BareDb, { id }: { id: bigint }) => await db.message.count({ where: { chatId: id } });
const ids = (...chats: { id: bigint }[]) => chats.map((it) => it.id).toSorted((a, b) => (a < b ? -1 : 1));

test('a username, a link, a folder and an id beside a name that nobody has: each is archived, and that one reported', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const news = world.addChannel({ title: 'News', username: 'City_News' });
  const open = world.addSupergroup({ title: 'Open', username: 'open_talk', left: true });
  const [work, team, other] = [
    world.addChannel({ title: 'Work' }),
    world.addGroup({ title: 'Team' }),
    world.addChannel({ title: 'Other' }),
  ];
  for (const chat of [news, open, work, team, other]) chat.addMessages(20);
  world.setFolder({ title: 'Work', pinned: [work], include: [team, news] });
  archive.configure({
    '@city_news': { range: [11, 0] },
    'https://t.me/open_talk/5': {},
    'folder:Work': {},
    'folder:Wrok': {},
    '@city_mews': {},
  });
  expect(await fleet.runOnce()).toBe(1);
  expect(await archived(db)).toEqual(ids(news, open, work, team));
  // The name says more about the chat than the folder that it is also in.
  expect(await count(db, news)).toBe(10);
  expect(await count(db, work)).toBe(20);
  const reported = fleet.log.filter((it) => it.msg === 'not archived completely').map((it) => String(it.reason));
  expect(reported).toEqual([
    expect.stringMatching(/^folder:Wrok: there is no chat folder of this name \(there are: Work\)/),
    expect.stringMatching(/^@city_mews: no user.*Did you mean @City_News \(News\)\?/),
  ]);
  const { stdout } = await tgsync(archive.env, ['status']);
  expect(stdout).toMatch(/@city_news .*1.*News.*resolved/);
  expect(stdout).toMatch(/folder:Work .*3.*resolved \(1 also named more closely\)/);
  expect(stdout).toMatch(/folder:Wrok: there is no chat folder/);
  const status = JSON.parse((await tgsync(archive.env, ['status', '--json'])).stdout) as {
    selectors: { text: string; chats: { id: string }[]; since: string | null }[];
  };
  expect(status.selectors.map((it) => [it.text, it.chats.length])).toEqual([
    ['@city_news', 1],
    ['@open_talk', 1],
    ['folder:Work', 3],
    ['folder:Wrok', 0],
    ['@city_mews', 0],
  ]);

  // A name that was resolved is never asked for again: Telegram allows few of these calls.
  archive.configure({ '@city_news': { range: [11, 0] }, 't.me/open_talk': {} });
  telegram.resetCounters();
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  expect(telegram.counters().calls['contacts.resolveUsername'] ?? 0).toBe(0);
});

test('a username that changes hands still means the chat that had it, and says so', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const [first, thief] = [
    world.addChannel({ title: 'First', username: 'daily' }),
    world.addChannel({ title: 'Thief', username: 'thief' }),
  ];
  for (const chat of [first, thief]) chat.addMessages(10);
  archive.configure({ '@daily': {} }, { tg: { sync_interval: 1 } });
  fleet.start('fetch-worker');
  fleet.start('scheduler');
  await vi.waitUntil(async () => (await count(db, first)) === 10, patience);
  world.rename(thief, 'Daily');
  world.rename(first, 'daily_old');
  first.addMessages(5);
  await fleet.until((it) => it.msg === 'username of a chat has changed');
  await vi.waitUntil(async () => (await count(db, first)) === 15, patience);
  expect(await archived(db)).toEqual([first.id]);
  const { stdout } = await tgsync(archive.env, ['status']);
  expect(stdout).toContain(`@daily: ${first.id} has the username @daily_old now and is still meant`);
  await fleet.stop();
  expect(fleet.log.filter((it) => it.msg === 'username of a chat has changed')).toHaveLength(1);
});

test('chats come into a folder and leave it while the fleet runs; a folder that is gone drops none', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const [stays, leaves, comes] = ['Stays', 'Leaves', 'Comes'].map((title) => world.addChannel({ title })) as [
    ReturnType<typeof world.addChannel>,
    ReturnType<typeof world.addChannel>,
    ReturnType<typeof world.addChannel>,
  ];
  for (const chat of [stays, leaves, comes]) chat.addMessages(10);
  world.setFolder({ title: 'Reading', include: [stays, leaves] });
  archive.configure({ 'folder:Reading': {} }, { tg: { sync_interval: 1 } });
  fleet.start('fetch-worker');
  fleet.start('scheduler');
  await vi.waitUntil(async () => (await db.message.count()) === 20, patience);

  world.setFolder({ title: 'Reading', include: [stays, comes] });
  await vi.waitUntil(async () => (await count(db, comes)) === 10, patience);
  expect((await db.dialog.findMany({ where: { wanted: true } })).map((it) => it.chatId).toSorted()).toEqual(
    [stays.id, comes.id].toSorted(),
  );
  expect(await count(db, leaves)).toBe(10); // and what was archived of it stays
  leaves.addMessages(1);

  world.removeFolder('Reading');
  await fleet.until((it) => it.msg === 'folder cannot be resolved');
  stays.addMessages(5);
  await vi.waitUntil(async () => (await count(db, stays)) === 15, patience);
  expect(await count(db, leaves)).toBe(10);
  const { stdout } = await tgsync(archive.env, ['status']);
  expect(stdout).toContain('folder:Reading: there is no chat folder of this name; the chats it had are still archived');
});

test(
  'a folder with rules has the chats that Telegram would show in it',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const muted = world.addChannel({ title: 'Muted' });
    const mentioned = world.addChannel({ title: 'Mentioned' });
    const [plain, hidden, shelved] = [
      world.addChannel({ title: 'Plain' }),
      world.addChannel({ title: 'Hidden' }),
      world.addChannel({ title: 'Shelved', archived: true }),
    ];
    const [friend, stranger, robot] = [
      world.addUser({ title: 'Friend', contact: true }),
      world.addUser({ title: 'Stranger' }),
      world.addUser({ title: 'Robot', bot: true }),
    ];
    const [club, team] = [world.addSupergroup({ title: 'Club' }), world.addGroup({ title: 'Team' })];
    for (const chat of world.chats) if (chat.id !== world.account.userId) chat.addMessages(3);
    muted.mutedUntil = 2 ** 31 - 1;
    mentioned.mutedUntil = 2 ** 31 - 1;
    mentioned.unread = { messages: 1, mentions: 1 };
    world.mutedKinds.add('users');
    world.setFolder({
      title: 'Feeds',
      include: [team],
      exclude: [hidden],
      broadcasts: true,
      contacts: true,
      excludeMuted: true,
      excludeArchived: true,
    });
    archive.configure({ 'folder:Feeds': {} });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(await archived(db)).toEqual(ids(team, plain, mentioned));
    expect([friend, shelved, stranger, robot, club].every((it) => it.store.size > 0)).toBe(true);
  },
);

test('"*" is every chat but the excluded ones, one that is new included and one that was left no more', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const [spam, loud] = [
    world.addChannel({ title: 'Spam', username: 'spam_channel' }),
    world.addSupergroup({ title: 'Loud' }),
  ];
  const [news, shelved, left] = [
    world.addChannel({ title: 'News' }),
    world.addChannel({ title: 'Shelved', archived: true }),
    world.addChannel({ title: 'Left', username: 'left_channel' }),
  ];
  const [friend, robot, team] = [
    world.addUser({ title: 'Friend' }),
    world.addUser({ title: 'Robot', bot: true }),
    world.addGroup({ title: 'Team' }),
  ];
  for (const chat of [spam, loud, news, shelved, left, friend, robot, team]) chat.addMessages(4);
  world.addChannel({ title: 'Shut' }).removed = true; // listed, but there is nothing to get
  const chats = { '*': { exclude: ['bot', '@spam_channel', loud.id.toString()] } };
  archive.configure(chats, { tg: { sync_interval: 1 } });
  fleet.start('fetch-worker');
  fleet.start('scheduler');
  await vi.waitUntil(async () => (await db.message.count()) === 20, patience);
  expect(await archived(db)).toEqual(ids(news, shelved, left, friend, team));

  left.left = true;
  const late = world.addChannel({ title: 'Late' });
  late.addMessages(4);
  await vi.waitUntil(async () => (await count(db, late)) === 4, patience);
  const wanted = async () => (await db.dialog.findMany({ where: { wanted: true } })).map((it) => it.chatId);
  await vi.waitUntil(async () => !(await wanted()).includes(left.id), patience);
  expect((await wanted()).toSorted()).toEqual([news, shelved, friend, team, late].map((it) => it.id).toSorted());
  await fleet.stop();
  expect(fleet.log.filter((it) => it.msg === 'chat cannot be read')).toEqual([]);
});

test(
  'a flood wait for usernames holds up no folder, and the name is resolved after it',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const [news, work] = [
      world.addChannel({ title: 'News', username: 'news_now' }),
      world.addChannel({ title: 'Work' }),
    ];
    for (const chat of [news, work]) chat.addMessages(5);
    world.setFolder({ title: 'Work', include: [work] });
    archive.configure({ '@news_now': {}, 'folder:Work': {} });
    const wait = telegram.faults.add({
      method: 'contacts.resolveUsername',
      kind: 'error',
      code: 420,
      message: 'FLOOD_WAIT_3',
      times: 1,
    });
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    expect(await fleet.exit(fleet.start('scheduler', '--once')), fleet.troubles()).toBe(0);
    await fleet.stop();
    expect([await count(db, work), await count(db, news), wait.hits]).toEqual([5, 5, 1]);
    const resolved = fleet.log.filter((it) => 'selector' in it).map((it) => it.selector);
    expect(resolved).toEqual(['folder:Work', '@news_now']);
  },
);

test(
  'a chat that moves up while the list is read is missing from it, and is not dropped; an interrupted list drops none',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chats = Array.from({ length: 120 }, (_, nth) => world.addChannel({ title: `Channel ${nth}` }));
    for (const [nth, chat] of chats.entries()) chat.addMessage({ text: 'first', date: 1_705_000_000 - nth });
    const oldest = chats.at(-1)!;
    const wait = telegram.faults.add({
      method: 'messages.getDialogs',
      kind: 'error',
      code: 420,
      message: 'FLOOD_WAIT_1',
      skip: 1,
      times: 1,
    });
    archive.configure({ '*': {} });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect([await db.dialog.count({ where: { wanted: true } }), wait.hits]).toEqual([120, 1]);

    let pages = 0;
    telegram.onCall(({ method }) => {
      // It is on the first page now, which was read already.
      if (method === 'messages.getDialogs' && ++pages === 2) oldest.addMessage({ text: 'second', date: 1_800_000_000 });
    });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(pages).toBeGreaterThan(1);
    expect(await db.dialog.count({ where: { wanted: true } })).toBe(120);
  },
);
