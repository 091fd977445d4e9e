/** reactions.ts: reactions to messages and votes in polls, which change without an edit: the newest state is kept, and makes no version. */
import { pollResultsAfter, type Raw, reactionsAfter } from '../content/index.js';
import type { Whose } from './coverage.js';
import { sql, type Tx } from './handle.js';
import { asRows } from './rows.js';

/** All reactions to a message (`MessageReactions`). */
export interface ReactionsOf {
  id: bigint;
  reactions: Raw;
}

/** Each message once. `at`: by the database's clock. */
export async function storeReactions(
  tx: Tx,
  { chatId, ownerId }: Whose,
  told: readonly ReactionsOf[],
  at: Date,
): Promise<void> {
  if (told.length === 0) return;
  const given = new Map(told.map((it) => [it.id, it.reactions]));
  const known = await sql(tx).$queryRaw<{ id: bigint; reactions: Raw | null }[]>`
    SELECT id, raw -> 'reactions' AS reactions FROM message
    WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${[...given.keys()]}) ORDER BY id FOR UPDATE`;
  const rows = known.map(({ id, reactions }) => ({
    id,
    reactions: reactionsAfter(reactions ?? undefined, given.get(id)!),
  }));
  await sql(tx).$executeRaw`
    UPDATE message m SET raw = m.raw || jsonb_build_object('reactions', x.reactions), reactions_as_of = ${at}
    FROM jsonb_to_recordset(${asRows(rows)}::jsonb) AS x(id bigint, reactions jsonb)
    WHERE m.chat_id = ${chatId} AND m.owner_id = ${ownerId} AND m.id = x.id`;
}

/** What was told of a poll, wherever it is. */
export interface ToldOfPoll {
  pollId: bigint;
  /** It takes no more votes; undefined: nothing was said of that. */
  isClosed: boolean | undefined;
  /** `PollResults`. */
  results: Raw;
}

interface Holder {
  chatId: bigint;
  ownerId: bigint;
  id: bigint;
  media: Raw;
}

/**
 * Updates a poll in each message that holds it, forwarded ones too. Question and answers change by edits only, so that what they were is
 * kept. Chats are locked already.
 */
export async function storePoll(tx: Tx, { pollId, isClosed, results }: ToldOfPoll, at: Date): Promise<void> {
  const holders = await sql(tx).$queryRaw<Holder[]>`
    SELECT chat_id AS "chatId", owner_id AS "ownerId", id, raw -> 'media' AS media FROM message
    WHERE media_type = 'MessageMediaPoll' AND raw #>> '{media,poll,id}' = ${String(pollId)} ORDER BY chat_id, id, owner_id FOR UPDATE`;
  const rows = holders.map(({ media, ...key }) => {
    const { closed, ...poll } = media['poll'] as Raw;
    const isOver = isClosed ?? closed === true;
    return {
      ...key,
      media: {
        ...media,
        poll: { ...poll, ...(isOver && { closed: true }) },
        results: pollResultsAfter(media['results'] as Raw | undefined, results),
      },
    };
  });
  await sql(tx).$executeRaw`
    UPDATE message m SET raw = m.raw || jsonb_build_object('media', x.media), told_as_of = ${at}
    FROM jsonb_to_recordset(${asRows(rows)}::jsonb) AS x("chatId" bigint, "ownerId" bigint, id bigint, media jsonb)
    WHERE m.chat_id = x."chatId" AND m.owner_id = x."ownerId" AND m.id = x.id`;
}
