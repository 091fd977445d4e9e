/**
 * placing.ts: what is recorded of a complete file: its hash before anything links to it, and that it is saved once it is in place. Both
 * are checked against the claim.
 */
import { batched } from '../batch/index.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';
import {
  claimSeconds,
  linkIsDue,
  type MadeLink,
  lockedMessages,
  markLocked,
  type Media,
  type OwedLink,
  type PendingLink,
  recordRefusedLinks,
  type RefusedLink,
  table,
} from './media.js';
import { type LinkNaming, usualNames, usuallyNamed } from './link-names.js';
import { asRows } from './rows.js';
import { Prisma } from './sql-text.js';

/**
 * Records the hash of a complete file before it leaves /temp, so that whatever a killed run leaves elsewhere is recognised, and nothing
 * put there by somebody else is mistaken for it. Renews the claim for its full time. false: the claim was lost.
 */
export async function recordHash(db: Db, { kind, id, claim }: Media, sha256: string): Promise<boolean> {
  const mine = await sql(db).$executeRaw`
    UPDATE ${table(kind)} SET sha256 = ${sha256}, claimed_until = now() + make_interval(secs => ${claimSeconds}) WHERE id = ${id} AND claim = ${claim} AND NOT saved`;
  return mine === 1;
}

/** A pending link of a file that is about to be placed. */
export interface PlaceableLink extends OwedLink {
  /** Null if it has none yet. */
  name: string | null;
  folder: string | null;
  /** The message holds no other media. */
  isAlone: boolean;
}

export interface Placeable {
  links: PlaceableLink[];
  /** As by {@link firstDate}. */
  firstDate: Date | null;
}

/**
 * Records the hash of a complete file, renews the claim for its full time, and returns what is pending; undefined if the claim was lost.
 * Done before anything links to the file: whoever claims the media later knows the hash. `expected`, a link that probably is pending, gets
 * its usual name if it has none.
 */
export async function holdForPlacing(
  db: Db,
  media: Media,
  sha256: string,
  expected: PendingLink,
  naming: LinkNaming,
): Promise<Placeable | undefined> {
  const { kind, id, claim } = media;
  type Row = { firstDate: Date | null } & { [K in keyof PlaceableLink]: PlaceableLink[K] | null };
  const rows = await sql(db).prepared.$queryRaw<Row[]>`
    WITH mine AS (
      UPDATE ${table(kind)} SET sha256 = ${sha256}, claimed_until = now() + make_interval(secs => ${claimSeconds})
      WHERE id = ${id} AND claim = ${claim} RETURNING id),
    named AS (${usuallyNamed(media, usualNames([expected], naming), Prisma.sql`EXISTS (SELECT FROM mine)`)}),
    held AS (
      SELECT m.chat_id AS "chatId", m.message_id AS "messageId", m.was_linked AS "wasLinked", m.link_name, m.link_folder AS folder,
        message.date, ${linkIsDue} AS due
      FROM mine JOIN message_media m ON m.kind = ${kind} AND m.media_id = ${id}
      LEFT JOIN message ON message.chat_id = m.chat_id AND message.id = m.message_id AND message.owner_id = m.owner_id)
    SELECT (SELECT min(date)::timestamptz(3) FROM held) AS "firstDate", links.*
    FROM mine LEFT JOIN LATERAL (
      SELECT held."chatId", held."messageId", "wasLinked", coalesce(link_name, named.name) AS name, folder, date, NOT EXISTS (
          SELECT FROM message_media other WHERE other.chat_id = held."chatId" AND other.message_id = held."messageId"
            AND (other.kind, other.media_id) <> (${kind}, ${id})) AS "isAlone"
      FROM held LEFT JOIN named ON named."chatId" = held."chatId" AND named."messageId" = held."messageId"
      WHERE due) links ON true
    ORDER BY "chatId", "messageId"`;
  if (rows.length === 0) return undefined;
  const links = rows.filter((it) => it.chatId !== null) as unknown as PlaceableLink[];
  return { links, firstDate: rows[0]!.firstDate };
}

export interface SavedFile {
  fileName: string;
  sha256: string;
  size: bigint;
}

interface Save {
  media: Media;
  file: SavedFile;
  links: readonly MadeLink[];
  refused: readonly RefusedLink[];
  proven: boolean;
}

const savers = new WeakMap<Db, (save: Save) => Promise<boolean>>();

/**
 * Records that the file is in its repo and linked, and ends the claim: media, links and messages change together. false: the claim was
 * lost. Concurrent calls share a transaction.
 */
export async function recordSaved(
  db: Db,
  media: Media,
  file: SavedFile,
  links: readonly MadeLink[],
  refused: readonly RefusedLink[] = [],
  /** Every byte was checked against Telegram's hashes. */
  proven = false,
): Promise<boolean> {
  let save = savers.get(db);
  if (!save) savers.set(db, (save = batched((saves) => recordAll(db, saves))));
  return await save({ media, file, links, refused, proven });
}

async function recordAll(db: Db, saves: readonly Save[]): Promise<boolean[]> {
  const work = async (tx: Tx) => {
    const recorded = await recordFiles(tx, saves);
    const mine = saves.filter((it) => recorded.has(keyOf(it.media)));
    const made = mine.flatMap(linksOf);
    if (made.length > 0) await markLocked(tx, made, 'linked');
    for (const { media, refused } of mine) await recordRefusedLinks(tx, media, refused);
    return saves.map((it) => recorded.has(keyOf(it.media)));
  };
  return await inTransaction(db, work, { byIndex: true });
}

/** Records the files, and locks the messages that hold them. Returns which were still claimed, as keys. */
async function recordFiles(tx: Tx, saves: readonly Save[]): Promise<Set<string>> {
  const files = asRows(
    saves.map(({ media, file, proven }) => ({ ...refOf(media), claim: media.claim, ...file, proven })),
  );
  const given = Prisma.sql`
    jsonb_to_recordset(${files}::jsonb)
      AS x(kind text, id bigint, claim bigint, "fileName" text, sha256 text, size bigint, proven boolean)`;
  // In the order in which pages lock them (messages.ts): whoever changes several waits for others, and never deadlocks.
  const locked = (kind: Media['kind']) => Prisma.sql`
    SELECT x.* FROM ${table(kind)} m JOIN ${given} ON x.kind = ${kind} AND m.id = x.id AND m.claim = x.claim
    ORDER BY m.id FOR UPDATE OF m`;
  const update = (kind: Media['kind']) => Prisma.sql`
    UPDATE ${table(kind)} m SET saved = true, state = 'saved', reason = NULL, saved_at = now(), deleted_at = NULL, claimed_until = NULL,
      proven_at = CASE WHEN x.proven THEN now() END, differs_at = NULL, file_name = x."fileName", sha256 = x.sha256, size = x.size
    FROM (${locked(kind)}) x WHERE m.id = x.id RETURNING x.kind, x.id, x.claim`;
  const rows = await sql(tx).prepared.$queryRaw<{ kind: Media['kind']; id: bigint; claim: bigint }[]>`
    WITH photos AS (${update('photo')}), documents AS (${update('document')}),
    mine AS (SELECT * FROM photos UNION ALL SELECT * FROM documents),
    reached AS (
      UPDATE media_access SET reference_refused_at = NULL FROM mine
      WHERE media_access.kind = mine.kind AND media_id = mine.id AND reference_refused_at IS NOT NULL),
    messages AS (${lockedMessages(asRows(saves.flatMap(linksOf)))})
    SELECT mine.*, (SELECT count(*) FROM messages) FROM mine`;
  return new Set(rows.map(keyOf));
}

const linksOf = ({ media, links }: Save) => links.map((it) => ({ ...it, ...refOf(media) }));
const refOf = ({ kind, id }: Media) => ({ kind, id });
const keyOf = ({ kind, id, claim }: Pick<Media, 'kind' | 'id' | 'claim'>) => `${kind}-${id}.${claim}`;
