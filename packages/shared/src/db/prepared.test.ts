/** What runs for every file and every page of history is planned once a connection, because planning takes longer than running it. */
import { claimWanted, closeDb, type Db, holdForPlacing, openDb, recordSaved, storePage } from '@tgsync/shared/db';
import { sql } from '@tgsync/shared/db/bare';
import { test } from '@tgsync/testing';
import { addLargeArchive, largeChat, largeMedia } from '@tgsync/testing/large-archive';
import { addChat, document, message, page, photo } from '@tgsync/testing/pages';
import { expect } from 'vitest';

const naming = {
  title: undefined,
  folder: () => null,
  name: () => 'a',
  usual: (id: bigint) => `${id} a`,
  keyOf: (path: string) => path,
};

test('a file is claimed and saved by plans that its connection has already', async ({ db, databaseUrl }) => {
  await addLargeArchive(databaseUrl);
  const chatId = largeChat(0);
  await db.$executeRaw`UPDATE message_media SET link = 'pending' WHERE chat_id = ${chatId}`;
  const one = await openDb(databaseUrl, { connections: 1 });
  const files = 20;
  for (let id = 1; id <= files; id++) {
    const wanted = await claimWanted(one, largeMedia(0, id));
    if (typeof wanted !== 'object') throw new Error('not claimed');
    const { media, link } = wanted;
    expect(await holdForPlacing(one, media, 'f', link, naming)).toBeDefined();
    expect(await recordSaved(one, media, { fileName: `${id}.txt`, sha256: 'f', size: 3n }, [link])).toBe(true);
  }
  const plans = await plansOf(one);
  expect(plans).toHaveLength(4);
  for (const it of plans) expect(it).toMatchObject({ runs: files, isReused: true });
  const left = await db.$queryRaw`SELECT FROM message_media WHERE chat_id = ${chatId} AND link = 'pending'`;
  expect(left).toHaveLength(500 - files);
  await closeDb(one);
});

test('a page is stored by plans that its connection has already', async ({ db, databaseUrl }) => {
  const chatId = -1_000_000_000_001n;
  await addChat(db, { id: chatId });
  const one = await openDb(databaseUrl, { connections: 1 });
  const pages = 20n;
  for (let id = 1n; id <= pages; id++) {
    const media = [photo(id), document(id)];
    await storePage(one, page(chatId, [message(id, { media })], { proven: { from: id, to: id } }));
  }
  const plans = await plansOf(one);
  expect(plans).toHaveLength(6);
  for (const it of plans) expect(it).toMatchObject({ runs: Number(pages), isReused: true });
  expect(await db.messageMedia.count()).toBe(2 * Number(pages));
  await closeDb(one);
});

async function plansOf(db: Db): Promise<{ runs: number; isReused: boolean }[]> {
  return await sql(db).$queryRaw`
    SELECT (generic_plans + custom_plans)::int AS runs, generic_plans > custom_plans AS "isReused"
    FROM pg_prepared_statements`;
}
