/**
 * world.ts: a large archive in Postgres. What the product itself archived from an emulator serves as templates, multiplied by set-based SQL:
 * so rows have their real shape. Everything in it is read, saved and linked, so nothing is owed.
 */
import type pg from 'pg';

export interface WorldSize {
  messages: number;
  chats: number;
  media: number;
}

/** Generated chats are supergroups with these ids, downwards. */
const firstChat = -1_001_600_000_001n;
/** Generated media have ids from here on. */
const firstMedia = 7_000_000_000_000_000_000n;
/** Messages written by one statement. */
const slice = 500_000;

export const chatIds = (chats: number): bigint[] => Array.from({ length: chats }, (_, n) => firstChat - BigInt(n));

/** Adds a world of this size beside the archived chats; each chat has the same number of messages. Rounds down. */
export async function multiply(pool: pg.Pool, { messages, chats, media }: WorldSize): Promise<void> {
  const perChat = Math.floor(messages / chats);
  const every = Math.max(1, Math.round(messages / media));
  await makeTemplates(pool);
  await addChats(pool, chats, perChat);
  const atOnce = Math.max(1, Math.floor(slice / perChat));
  for (let from = 0; from < chats; from += atOnce) {
    const range = { from, to: Math.min(from + atOnce, chats) - 1, perChat, every };
    await addMessages(pool, range);
    await addMedia(pool, range);
  }
  await pool.query('DROP TABLE growth_template');
  await pool.query('VACUUM (ANALYZE)');
}

/** Text messages, and messages with one saved file. */
async function makeTemplates(pool: pg.Pool): Promise<void> {
  await pool.query(`
    CREATE UNLOGGED TABLE growth_template AS
    SELECT row_number() OVER (PARTITION BY has_media ORDER BY id, chat_id) - 1 AS n, m.*
    FROM (SELECT one AS it, mm.media_id IS NOT NULL AS has_media, mm.kind, mm.media_id AS old_media, one.id, one.chat_id FROM message one
      LEFT JOIN message_media mm ON mm.chat_id = one.chat_id AND mm.message_id = one.id
      WHERE raw ->> '_' = 'Message' AND (media_type IS NULL OR mm.link = 'linked' AND mm.via = 'media' AND mm.position = 0)) m`);
  await pool.query('CREATE INDEX ON growth_template (has_media, n)');
  await pool.query('ANALYZE growth_template');
}

async function addChats(pool: pg.Pool, chats: number, perChat: number): Promise<void> {
  const every = `generate_series(0, ${chats - 1}) n`;
  await pool.query(
    `INSERT INTO chat (id, kind, title, pts) SELECT ${firstChat} - n, 'supergroup', 'Chat ' || n, 1 FROM ${every}`,
  );
  await pool.query(`
    INSERT INTO dialog (account_id, chat_id, access_hash, wanted, top_message, state, surveyed_at)
    SELECT (SELECT account_id FROM archive), ${firstChat} - n, n, true, ${perChat}, 'ok', now() FROM ${every}`);
  await pool.query(
    `INSERT INTO coverage (chat_id, from_id, to_id) SELECT ${firstChat} - n, 1, ${perChat} FROM ${every}`,
  );
}

interface Slice {
  /** Chats, both inclusive. */
  from: number;
  to: number;
  perChat: number;
  /** How many messages there are for each media. */
  every: number;
}

/** The places of a slice: chat `c`, message `id`, whether it holds a media and which, and a template for it. `step`: only each of so many. */
const places = ({ from, to, perChat, every }: Slice, step = 1) => `
  (SELECT ${firstChat} - c AS chat_id, id, id % ${every} = 0 AS has_media, ${firstMedia} + (c::bigint * ${perChat} + id) AS media_id,
    (c * 7919 + id * 104729) AS hash
  FROM generate_series(${from}, ${to}) c, generate_series(${step}, ${perChat}::bigint, ${step}) id) place
  JOIN (SELECT has_media, count(*) FROM growth_template GROUP BY 1) many USING (has_media)
  JOIN growth_template t ON t.has_media = place.has_media AND t.n = place.hash % many.count`;

async function addMessages(pool: pg.Pool, range: Slice): Promise<void> {
  await pool.query(`
    INSERT INTO message (id, chat_id, sender_id, date, edit_date, message, entities, reply_to_msg_id, fwd_from_msg_id, fwd_from_chat_id, fwd_from_name,
      fwd_from_date, photo_id, document_id, linked, grouped_id, views, forwards, media_type, raw, raw_layer)
    SELECT place.id, place.chat_id, (it).sender_id, to_timestamp(1500000000 + place.id * 60), (it).edit_date, (it).message, (it).entities,
      (it).reply_to_msg_id, (it).fwd_from_msg_id, (it).fwd_from_chat_id, (it).fwd_from_name, (it).fwd_from_date,
      CASE WHEN (it).photo_id IS NOT NULL THEN media_id END, CASE WHEN (it).document_id IS NOT NULL THEN media_id END, true, (it).grouped_id,
      (it).views, (it).forwards, (it).media_type,
      (it).raw || jsonb_build_object('id', place.id, 'date', 1500000000 + place.id * 60,
        'peerId', jsonb_build_object('_', 'PeerChannel', 'channelId', (-1000000000000 - place.chat_id)::text)), (it).raw_layer
    FROM ${places(range)}`);
}

async function addMedia(pool: pg.Pool, range: Slice): Promise<void> {
  for (const kind of ['photo', 'document']) {
    const own = kind === 'photo' ? 'thumb_size' : 'name, category';
    const found = `FROM ${places(range, range.every)} JOIN ${kind} old ON t.kind = '${kind}' AND old.id = t.old_media`;
    await pool.query(`
      INSERT INTO ${kind} (id, saved, state, dc_id, size, type, claim, sha256, file_name, saved_at, proven_at, ${own})
      SELECT place.media_id, true, 'saved', dc_id, size, type, 1, sha256, place.media_id || '.bin', now(), now(), ${own} ${found}`);
    await pool.query(`
      INSERT INTO media_access (account_id, kind, media_id, access_hash, file_reference)
      SELECT (SELECT account_id FROM archive), '${kind}', place.media_id, place.media_id, decode(repeat('5a', 17), 'hex') ${found}`);
    await pool.query(`
      INSERT INTO message_media (chat_id, message_id, kind, media_id, position, via, link, link_name)
      SELECT place.chat_id, place.id, '${kind}', place.media_id, 0, 'media', 'linked', place.id || ' ' || place.media_id || '.bin' ${found}`);
  }
}
