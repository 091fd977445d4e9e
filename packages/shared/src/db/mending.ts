/** mending.ts: what a repair writes: media that are owed again, and links and messages that contradicted each other. */
import { Prisma } from './sql-text.js';
import { type Media, type PendingLink, markLinks } from './media.js';
import { theAccount } from './archive.js';
import { asRows } from './rows.js';
import { isLost, type MessageKey } from './verification.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';

/**
 * A wrong file was moved aside: its media is owed again, with these links to make. The media in `deleted`, which the person had deleted,
 * stay so. false: the claim was lost.
 */
export async function makeOwedAgain(
  db: Db,
  { kind, id, claim }: Media,
  { again, deleted }: { again: readonly PendingLink[]; deleted: readonly PendingLink[] },
): Promise<boolean> {
  return await inTransaction(db, async (tx) => {
    const mine = await sql(tx).$executeRaw`
      UPDATE ${Prisma.raw(kind)} SET saved = false, state = 'owed', reason = NULL, attempts = 0, sha256 = NULL, file_name = NULL,
        saved_at = NULL, verified_at = NULL, damaged_at = NULL, deleted_at = NULL, proven_at = NULL, differs_at = NULL
      WHERE id = ${id} AND claim = ${claim} AND saved`;
    if (mine !== 1) return false;
    const media = { kind, id };
    await markPending(
      tx,
      again.map((it) => ({ ...it, ...media })),
    );
    await markLinks(
      tx,
      deleted.map((it) => ({ ...it, ...media })),
      'absent',
    );
    return true;
  });
}

type LinkOfMedia = PendingLink & { kind: string; id: bigint };

/** Makes links pending again, and their messages unlinked meanwhile. Atomic. */
export async function makePending(db: Db, links: readonly LinkOfMedia[]): Promise<void> {
  await inTransaction(db, (tx) => markPending(tx, links));
}

async function markPending(tx: Tx, links: readonly LinkOfMedia[]): Promise<void> {
  const rows = asRows(links);
  await sql(tx).$executeRaw`
    UPDATE message_media SET link = 'pending', rule = NULL, was_linked = was_linked OR link = 'linked', link_retry_at = NULL
    FROM jsonb_to_recordset(${rows}::jsonb) AS x("chatId" bigint, "messageId" bigint, kind text, id bigint)
    WHERE chat_id = x."chatId" AND message_id = x."messageId" AND message_media.kind = x.kind AND media_id = x.id`;
  await recomputeLinked(
    tx,
    links.map(({ chatId, messageId }) => ({ chatId, id: messageId })),
  );
}

/** Makes all refused links due now: the person has done something about them. */
export async function retryRefusedLinks(db: Db): Promise<void> {
  await sql(db).$executeRaw`UPDATE message_media SET link_retry_at = NULL WHERE link_retry_at IS NOT NULL`;
}

/** Sets `linked` of some messages to what their media say. */
export async function recomputeLinked(it: Db | Tx, messages: readonly MessageKey[]): Promise<void> {
  await sql(it).$executeRaw`
    UPDATE message SET linked = NOT linked FROM (
      SELECT DISTINCT * FROM jsonb_to_recordset(${asRows(messages)}::jsonb) AS x("chatId" bigint, id bigint)) x
    WHERE message.chat_id = x."chatId" AND message.id = x.id AND linked = EXISTS (
      SELECT FROM message_media m WHERE m.chat_id = x."chatId" AND m.message_id = x.id AND m.link = 'pending')`;
}

/**
 * Messages with media of which there is no row any more: the fleet asks Telegram for them again, and the rows come with them. Their links are
 * to be made again, for which a file that is there need not be downloaded.
 */
export async function askAgainFor(db: Db, messages: readonly MessageKey[]): Promise<void> {
  const rows = asRows(messages);
  await inTransaction(db, async (tx) => {
    await sql(tx).$executeRaw`
      UPDATE message SET ask_again_at = now() FROM jsonb_to_recordset(${rows}::jsonb) AS x("chatId" bigint, id bigint)
      WHERE message.chat_id = x."chatId" AND message.id = x.id`;
    await sql(tx).$executeRaw`
      UPDATE message_media m SET link = 'pending', was_linked = was_linked OR link = 'linked'
      FROM jsonb_to_recordset(${rows}::jsonb) AS x("chatId" bigint, id bigint)
      WHERE m.chat_id = x."chatId" AND m.message_id = x.id AND m.link NOT IN ('absent', 'skipped')
        AND ${isLost}`;
    await recomputeLinked(tx, messages);
  });
}

/** Makes the row of a chat anew, as if config.json had named it: the next survey fills it, if it is wanted. */
export async function restoreChat(db: Db, id: bigint): Promise<void> {
  await inTransaction(db, async (tx) => {
    await sql(tx).$queryRaw`SELECT id FROM archive FOR SHARE`;
    await sql(tx).$executeRaw`INSERT INTO chat (id, kind, title) VALUES (${id}, 'unknown', '') ON CONFLICT DO NOTHING`;
    await sql(tx)
      .$executeRaw`INSERT INTO dialog (account_id, chat_id) VALUES (${theAccount}, ${id}) ON CONFLICT DO NOTHING`;
  });
}
