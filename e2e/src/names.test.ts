/** names.test.ts: links are called and sorted as media.name, media.folder and media.pad say, keep their place for good, and have a date. */
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Chat, World } from '@tgsync/telegram-emulator';
import { type Archive, test } from '@tgsync/testing';
import { expect } from 'vitest';
import { tgsync } from './command-line.js';
import { expectWhole } from './whole.js';

const seconds = (date: string) => Date.parse(date) / 1000;
const document = (world: World, name: string) => world.addDocument({ dc: 2, size: 5000, name, mimeType: 'video/mp4' });
const configure = (archive: Archive, chats: readonly Chat[], media: object) =>
  archive.configure(Object.fromEntries(chats.map((it) => [it.id.toString(), {}])), { media });

/** Every file below /media outside of the repos, with the time of each. */
function links({ env: { media } }: Archive): Map<string, string> {
  const names = readdirSync(media, { recursive: true, encoding: 'utf8' })
    .filter((it) => !/^(\.|photo-by-id|documents-by-id)/.test(it) && !lstatSync(join(media, it)).isDirectory())
    .sort();
  return new Map(names.map((it) => [it, lstatSync(join(media, it)).mtime.toISOString()]));
}

async function verify(archive: Archive): Promise<string[]> {
  const { stdout } = await tgsync(archive.env, ['verify', '--json']);
  const lines = stdout.trim().split('\n');
  return lines.slice(0, -1).map((it) => {
    const { finding, path } = JSON.parse(it) as { finding: string; path?: string };
    return `${finding} ${path?.replace(`${archive.env.media}/`, '')}`;
  });
}

test('chats of one title, topics, captions and dates make names that stay when a title or a template changes', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const [first, second] = [world.addChannel({ title: 'News' }), world.addChannel({ title: 'news' })];
  const forum = world.addSupergroup({ title: 'Photo-By-Id', forum: true });
  const started = forum.addMessage({
    action: { _: 'messageActionTopicCreate', title: 'Kittens: small', icon_color: 1 },
  });
  forum.topics.push({
    id: started.id,
    title: 'Kittens: small',
    from: world.addUser({ title: 'Ann' }).id,
    date: started.date,
  });
  const shared = document(world, 'film.MP4');
  first.addMessage({ text: 'Once upon a time', document: shared, date: seconds('2024-03-05T06:07:08Z') });
  second.addMessage({ text: '../../Once', document: shared, date: seconds('2024-02-29T23:59:59Z') });
  forum.addMessage({
    photo: world.addPhoto({ dc: 2 }),
    text: '',
    replyTo: { id: started.id, forumTopic: true },
    date: seconds('2024-04-01T00:00:00Z'),
  });
  const chats = [first, second, forum];
  configure(archive, chats, { name: '{date} {id:10} {caption:9}', folder: '{title}/{topic}' });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  await expectWhole(world, archive, db);
  const titles = new Map((await db.folderTitle.findMany()).map((it) => [it.chatId, it.title]));
  expect([...titles.values()].filter((it) => it.toLowerCase() === 'news')).toHaveLength(1);
  const [news, other] = [titles.get(first.id)!, titles.get(second.id)!];
  const filmDate = '2024-02-29T23:59:59.000Z'; // of its first message, whichever was read first
  expect(Object.fromEntries(links(archive))).toEqual({
    [`${news}/2024-03-05 0000000001 Once upon.mp4`]: filmDate,
    [`${other}/2024-02-29 0000000001 .._.._Onc.mp4`]: filmDate,
    '_Photo-By-Id/Kittens_ small/2024-04-01 0000000002.jpg': '2024-04-01T00:00:00.000Z',
  });

  first.title = 'Olds';
  first.addMessage({ text: 'Later', document: document(world, 'late.mp4'), date: seconds('2024-05-01T00:00:00Z') });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  expect((await db.chat.findUniqueOrThrow({ where: { id: first.id } })).title).toBe('Olds');
  const before = links(archive);
  expect(before.get(`${news}/2024-05-01 0000000002 Later.mp4`)).toBe('2024-05-01T00:00:00.000Z');

  configure(archive, chats, { folder: '{chat}/{date:7}', pad: 10 });
  const scheduler = fleet.start('scheduler');
  await fleet.until((it) => it.worker === scheduler.pid && it.msg === 'planning'); // it has recorded the templates
  await fleet.kill(scheduler, 'SIGTERM');
  first.addMessage({ document: document(world, 'new.mp4'), date: seconds('2024-06-01T00:00:00Z') });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  await expectWhole(world, archive, db);
  const nested = `${first.id}/2024-06/0000000003 new.mp4`;
  expect([...links(archive).keys()]).toEqual([...before.keys(), nested].sort());

  expect(await verify(archive)).toEqual([]);
});

test(
  'verify and repair know links wherever a template put them; what the person wants back returns to where it was',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'Cats' });
    for (const name of ['a', 'b', 'c'])
      chat.addMessage({ document: document(world, `${name}.mp4`), date: seconds('2024-02-29T00:00:00Z') });
    configure(archive, [chat], { folder: '{chat}/{date:7}', name: '{date} {id}' });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const { media } = archive.env;
    const folder = `${chat.id}/2024-02`;
    const [replaced, deleted, gone] = [1, 2, 3].map((id) => `${folder}/2024-02-29 ${id}.mp4`) as [
      string,
      string,
      string,
    ];
    const [repoOfReplaced, repoOfDeleted, repoOfGone] = await Promise.all([replaced, deleted, gone].map(repoOf));
    copyFileSync(join(media, replaced), join(media, `${replaced}.copy`));
    renameSync(join(media, `${replaced}.copy`), join(media, replaced));
    rmSync(join(media, deleted));
    for (const it of [gone, repoOfGone!]) rmSync(join(media, it));
    writeFileSync(join(media, folder, 'mine.txt'), 'mine');
    mkdirSync(join(media, `${chat.id}`, 'mine'));
    configure(archive, [chat], { folder: 'elsewhere/{title}' });
    expect((await verify(archive)).sort()).toEqual(
      [
        `file-deleted ${repoOfGone}`,
        `link-deleted ${gone}`,
        `link-deleted ${deleted}`,
        `file-orphaned ${repoOfDeleted}`,
        `link-other-file ${replaced}`,
        `file-orphaned ${repoOfReplaced}`,
        `stray ${folder}/mine.txt`,
        `stray ${chat.id}/mine`,
      ].sort(),
    );
    await tgsync(archive.env, ['repair']);
    expect(statSync(join(media, replaced)).ino).toBe(statSync(join(media, repoOfReplaced!)).ino);
    expect((await tgsync(archive.env, ['repair', '--restore-deleted'])).code).toBe(0);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(statSync(join(media, gone)).ino).toBe(statSync(join(media, repoOfGone!)).ino);
    expect([...links(archive).keys()]).toEqual([replaced, gone, `${folder}/mine.txt`].sort());

    async function repoOf(path: string): Promise<string> {
      const linkName = path.slice(folder.length + 1);
      const { mediaId } = await db.messageMedia.findFirstOrThrow({ where: { linkFolder: folder, linkName } });
      return `documents-by-id/${(await db.document.findUniqueOrThrow({ where: { id: mediaId } })).fileName}`;
    }
  },
);

test(
  'a message that was found later and is older gives the file its date; a copy has that of its own message',
  { tags: 'thorough' },
  async ({ world, archive, fleet }) => {
    const [early, late] = [world.addChannel({ title: 'Early' }), world.addChannel({ title: 'Late' })];
    const shared = document(world, 'film.mp4');
    early.addMessage({ document: shared, date: seconds('2024-01-01T00:00:00Z') });
    late.addMessage({ document: shared, date: seconds('2024-06-01T00:00:00Z') });
    configure(archive, [late], { link: 'copy', pad: 10 });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const repo = join(archive.env.media, 'documents-by-id');
    const time = () => lstatSync(join(repo, readdirSync(repo)[0]!)).mtime.toISOString();
    expect(time()).toBe('2024-06-01T00:00:00.000Z');
    configure(archive, [late, early], { link: 'copy', pad: 10 });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(time()).toBe('2024-01-01T00:00:00.000Z');
    expect(Object.fromEntries(links(archive))).toEqual({
      [`${early.id}/0000000001 film.mp4`]: '2024-01-01T00:00:00.000Z',
      [`${late.id}/0000000001 film.mp4`]: '2024-06-01T00:00:00.000Z',
    });
    expect(await verify(archive)).toEqual([]);
  },
);

test(
  'padded ids sort, and symbolic links lead out of nested folders',
  { tags: 'thorough' },
  async ({ world, archive, fleet }) => {
    const chat = world.addChannel({ title: 'Cats' });
    for (let count = 0; count < 11; count++)
      chat.addMessage({ document: document(world, `${count}.mp4`), date: seconds('2024-01-01T00:00:00Z') });
    configure(archive, [chat], { link: 'symlink', folder: 'chats/{title}/{date:4}', pad: 10 });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const folder = join(archive.env.media, 'chats', 'Cats', '2024');
    const names = readdirSync(folder).sort();
    expect(names).toEqual(names.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)));
    expect(names[10]).toBe('0000000011 10.mp4');
    for (const it of names) {
      expect(readlinkSync(join(folder, it))).toMatch(/^\.\.\/\.\.\/\.\.\/documents-by-id\//);
      expect(statSync(join(folder, it)).size).toBe(5000);
    }
    expect(await verify(archive)).toEqual([]);
  },
);
