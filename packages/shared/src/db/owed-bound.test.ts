/** What one look at the owed media returns is bounded, however many chats wait; and no chat is left out for ever. */
import { owedMedia } from '@tgsync/shared/db';
import { expect } from 'vitest';
import { test } from '@tgsync/testing';
import { addChat, addDocument } from '@tgsync/testing/pages';

test('of more waiting chats than the limit some are served, and others the next time', async ({ db }) => {
  const chats = Array.from({ length: 6 }, (_, at) => -1_000_000_000_001n - BigInt(at));
  for (const [at, id] of chats.entries()) {
    await addChat(db, { id, wanted: true, state: 'ok' });
    await addDocument(db, { id: BigInt(at + 1) });
    await db.$executeRaw`INSERT INTO message (chat_id, id, date, message, raw, raw_layer) VALUES (${id}, 1, now(), '', '{}', 1)`;
    await db.$executeRaw`
      INSERT INTO message_media (chat_id, message_id, kind, media_id, position, via) VALUES (${id}, 1, 'document', ${BigInt(at + 1)}, 0, 'media')`;
  }
  const served = new Set<bigint | null>();
  for (let look = 0; look < 200; look++) {
    const rows = await owedMedia(db, [], 2);
    expect(rows).toHaveLength(2);
    for (const it of rows) served.add(it.chatId);
  }
  expect(served.size).toBe(chats.length);
});
