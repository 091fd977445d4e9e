/** What runs for every file is planned once a connection, because planning takes longer than running it. */
import { claimWanted, closeDb, openDb, recordSaved, holdForPlacing } from '@tgsync/shared/db';
import { sql } from '@tgsync/shared/db/bare';
import { test } from '@tgsync/testing';
import { addLargeArchive, largeChat, largeMedia } from '@tgsync/testing/large-archive';
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
  const plans = await sql(one).$queryRaw<{ generic: bigint; custom: bigint }[]>`
    SELECT generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements WHERE name LIKE 'tgsync %'`;
  expect(plans).toHaveLength(4);
  for (const { generic, custom } of plans)
    expect([generic + custom, generic >= files / 2]).toEqual([BigInt(files), true]);
  const left = await db.$queryRaw`SELECT FROM message_media WHERE chat_id = ${chatId} AND link = 'pending'`;
  expect(left).toHaveLength(500 - files);
  await closeDb(one);
});
