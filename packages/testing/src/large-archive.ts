/** large-archive.ts: an archive in Postgres that is large enough for plans to be those of a large one. All of it is read, saved and linked. */
import pg from 'pg';
import { accountId } from './pages.js';

const size = { chats: 200, messages: 500 };

/** The chats of it, supergroups with the messages 1 to 500, each of which holds a media: of even chats a document, of odd ones a photo. */
export const largeChat = (at: number): bigint => -1_000_000_000_001n - BigInt(at);

/** What a message of a chat holds. */
export function largeMedia(at: number, messageId: number): { kind: 'photo' | 'document'; id: bigint } {
  return { kind: at % 2 === 0 ? 'document' : 'photo', id: BigInt(at * 1000 + messageId + 1_000_000) };
}

/** Adds it by few statements, as a page at a time would take a minute. What triggers would note of it is that nothing is owed. */
export async function addLargeArchive(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('SET session_replication_role = replica');
    for (const it of [...chatRows(), ...mediaRows('document', 0), ...mediaRows('photo', 1)]) await client.query(it);
    await client.query('VACUUM (ANALYZE)');
  } finally {
    await client.end();
  }
}

const each = `FROM generate_series(0, ${size.chats - 1}) at`;
const ids = `generate_series(1, ${size.messages}) id`;
const chat = '(-1000000000001 - at)';

function chatRows(): string[] {
  return [
    `INSERT INTO chat (id, kind, title, pts) SELECT ${chat}, 'supergroup', 'chat ' || at, 1 ${each}`,
    `INSERT INTO dialog (account_id, chat_id, access_hash, wanted, top_message, state, surveyed_at)
      SELECT ${accountId}, ${chat}, at, true, ${size.messages}, 'ok', now() + interval '1 hour' ${each}`,
    `INSERT INTO coverage (chat_id, from_id, to_id) SELECT ${chat}, 1, ${size.messages} ${each}`,
    `INSERT INTO message (chat_id, id, date, message, raw, raw_layer, linked)
      SELECT ${chat}, id, now(), 'message ' || id, '{}', 1, true ${each}, ${ids}`,
  ];
}

function mediaRows(kind: 'photo' | 'document', odd: number): string[] {
  const id = '(at * 1000 + id + 1000000)';
  const held = `${each}, ${ids} WHERE at % 2 = ${odd}`;
  return [
    `INSERT INTO ${kind} (id, dc_id, size, saved, state, saved_at, proven_at, sha256, file_name, ${kind === 'photo' ? 'thumb_size' : 'name'})
      SELECT ${id}, 2, 3, true, 'saved', now(), now(), repeat('0', 64), ${id} || '.txt', 'x' ${held}`,
    `INSERT INTO media_access (account_id, kind, media_id, access_hash, file_reference)
      SELECT ${accountId}, '${kind}', ${id}, 1, '\\x00' ${held}`,
    `INSERT INTO message_media (chat_id, message_id, kind, media_id, position, via, link, link_name)
      SELECT ${chat}, id, '${kind}', ${id}, 0, 'media', 'linked', id || ' a.txt' ${held}`,
  ];
}
