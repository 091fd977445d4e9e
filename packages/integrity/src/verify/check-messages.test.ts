/** Rows that messages need but no foreign key protects: their loss is found, and a repair restores them. */
import { archiveId, storePage } from '@tgsync/shared/db';
import { test } from '@tgsync/testing';
import { addChat, document, message, page } from '@tgsync/testing/pages';
import { expect } from 'vitest';
import { repair } from '../repair/repair.js';
import { checkMessages } from './check-messages.js';
import type { Archive } from './archive.js';

test('a chat and a file missing from the database are found and repaired', async ({ db }) => {
  const [news, friend] = [-1_000_000_000_001n, 5n];
  for (const [id, kind] of [[news, 'channel'] as const, [friend, 'user'] as const]) await addChat(db, { id, kind });
  await storePage(db, page(news, [message(1n)]));
  await storePage(db, page(friend, [message(7n, { media: [document(32n)] })]));
  const archive: Archive = {
    db,
    media: '/media',
    temp: '/temp',
    archiveId: await archiveId(db),
    linkMode: 'hard',
    signal: new AbortController().signal,
    dryRun: false,
  };
  const look = async () => {
    const found = [];
    for await (const it of checkMessages(archive, { chats: 0, files: 0, deleted: 0, bytes: 0n, links: 0 }))
      found.push(it);
    return found;
  };
  expect(await look()).toEqual([]);

  await db.chat.delete({ where: { id: news } });
  await db.document.delete({ where: { id: 32n } });
  const found = await look();
  expect(found).toEqual([
    { kind: 'chat-lost', chatId: news },
    { kind: 'media-lost', chatId: friend, messageId: 7n, media: { kind: 'document', id: 32n } },
  ]);
  for (const it of found) expect(await repair({ ...archive, dryRun: true }, it)).toMatchObject({ outcome: 'repaired' });
  expect(await look()).toEqual(found); // a dry run
  for (const it of found) await repair(archive, it);
  expect(await db.chat.count({ where: { id: news } })).toBe(1);
  expect(await db.message.findMany({ where: { chatId: friend } })).toMatchObject([
    { askAgainAt: expect.any(Date) as Date },
  ]);
});
