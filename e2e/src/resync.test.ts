/** A person has a chat read again at once, sees how far that is, and what is certain about the chat. */
import { patience, test } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { tgsync } from './command-line.js';
import { differencesFromRecord } from './recorded.js';

const unheard = { tg: { sync_interval: 3600, live: false, recheck: false } };

interface Shown {
  covered: { from: string; to: string };
  completeAt: string | null;
  rechecks: object[];
  rechecked: { from: string; to: string; since: string }[];
}

test('resync finds what was edited and deleted, and status says since when that is certain', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const chat = world.addChannel({ title: 'News' });
  const messages = Array.from({ length: 9 }, (_, index) => chat.addMessage({ text: `${index}` }));
  archive.configure({ [`${chat.id}`]: {} }, unheard);
  const worker = fleet.start('fetch-worker');
  fleet.start('scheduler');
  await vi.waitUntil(async () => (await db.message.count()) === 9, patience);
  await fleet.kill(worker, 'SIGTERM');
  chat.editMessage(messages[1]!.id, { text: 'edited' });
  chat.deleteMessage(messages[7]!.id);

  expect((await tgsync(archive.env, ['resync', `${chat.id}`])).stdout).toMatch(/^9 messages of News/);
  const waiting = await tgsync(archive.env, ['status', `${chat.id}`]);
  expect(waiting.stdout).toMatch(/to recheck +1–9, 0 % done \(by tgsync resync, /);

  fleet.start('fetch-worker');
  await vi.waitFor(async () => expect(await differencesFromRecord(world, db)).toEqual([]), patience);
  const { stdout } = await tgsync(archive.env, ['status', `${chat.id}`, '--json']);
  const shown = JSON.parse(stdout) as Shown;
  expect(shown).toMatchObject({ covered: { from: '1', to: '9' }, rechecks: [], rechecked: [{ from: '1', to: '9' }] });
  expect(Date.parse(shown.completeAt!)).toBeLessThanOrEqual(Date.parse(shown.rechecked[0]!.since));
});

test('what cannot be meant is refused with the remedy', { tags: 'thorough' }, async ({ world, archive, fleet, db }) => {
  const chat = world.addChannel({ title: 'News', username: 'news' });
  chat.addMessage({ text: 'x' });
  archive.configure({ [`${chat.id}`]: {} }, unheard);
  for (const app of ['fetch-worker', 'scheduler'] as const) fleet.start(app);
  await vi.waitUntil(async () => (await db.message.count()) === 1, patience);
  const refused = async (...args: string[]) => {
    const { code, stderr } = await tgsync(archive.env, ['resync', ...args]);
    expect(code).toBe(1);
    return stderr;
  };
  const id = `${chat.id}`;
  expect(await refused()).toContain('Which chat?');
  expect(await refused('12')).toContain('12 is not a chat that is archived.');
  expect(await refused(id.replace('-100', ''))).toContain(`Do you mean ${id}?`);
  expect(await refused('news')).toContain('not a chat; expected an id');
  expect(await refused(id, '--range', '9:5')).toContain('the first id must not be greater than the second');
  expect(await refused(id, '--range', 'all')).toContain('expected two message ids such as 1000:2000');
  expect(await refused(id, '--range', '5:')).toContain('Nothing of that chat is stored in that range.');
  expect(await db.recheck.count()).toBe(0);

  const part = await tgsync(archive.env, ['resync', '@News', '--range', ':1']);
  expect(part.stdout).toMatch(/^1 messages? of News will be read again/);
  await vi.waitUntil(async () => (await db.rechecked.count()) === 1, patience);
  const text = (await tgsync(archive.env, ['status', '@news'])).stdout;
  expect(text).toMatch(/history +read from 1 to 1, complete on \d{4}-/);
  expect(text).toMatch(/rechecked +1–1 since \d{4}-/);
  expect((await tgsync(archive.env, ['status'])).stdout).toMatch(/ \d{4}-\d\d-\d\d /);
});
