/** stored-rows.ts: a digest of everything that reading history stores, to compare two builds: each row whole, but for when it was written. */
import pg from 'pg';

/** The emulator makes new ones for each answer, as Telegram does. */
const fileReference = String.raw`"fileReference": \{"\$bytes": "[^"]*"\}`;

/** The tables, their order, and the columns that no two runs have in common. */
const tables = {
  message: { by: 'chat_id, owner_id, id', but: [] },
  message_media: { by: 'chat_id, owner_id, message_id, kind, media_id', but: ['reference_at'] },
  coverage: { by: 'chat_id, owner_id, from_id', but: [] },
  not_visible: { by: 'chat_id, owner_id, from_id', but: ['sampled_at'] },
  topic: { by: 'chat_id, owner_id, id', but: [] },
  peer: { by: 'id', but: ['seen_at'] },
  peer_access: { by: 'account_id, peer_id', but: [] },
  photo: { by: 'id', but: [] },
  document: { by: 'id', but: [] },
  media_access: { by: 'account_id, kind, media_id', but: ['reference_at', 'file_reference'] },
} as const;

export interface StoredRows {
  messages: number;
  /** Digest of all rows, by table. */
  digests: Record<string, string>;
}

/** How many messages are stored, and what. */
export async function storedRows(databaseUrl: string): Promise<StoredRows> {
  const db = new pg.Client(databaseUrl);
  await db.connect();
  const digests: Record<string, string> = {};
  for (const [table, { by, but }] of Object.entries(tables)) {
    const { rows } = await db.query<{ digest: string }>(
      `SELECT md5(string_agg(md5(regexp_replace((to_jsonb(t) - $1::text[])::text, $2, '', 'g')), '' ORDER BY ${by})) AS digest FROM ${table} t`,
      [but, fileReference],
    );
    digests[table] = rows[0]!.digest;
  }
  const { rows } = await db.query<{ messages: number }>('SELECT count(*)::int AS messages FROM message');
  await db.end();
  return { messages: rows[0]!.messages, digests };
}
