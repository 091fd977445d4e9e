/** proofs.ts: which saved files were checked against Telegram's hashes, and which of them differ. */
import { Prisma } from './sql-text.js';
import type { Media } from './media.js';
import type { MediaRef } from './messages.js';
import { type Db, sql } from './handle.js';
import { type MediaKind, mediaKinds } from './words.js';

/** SQL: no file reference of the media was refused. */
const isReachable = (kind: MediaKind) => Prisma.sql`NOT EXISTS (
  SELECT FROM media_access WHERE kind = ${kind} AND media_id = ${Prisma.raw(kind)}.id AND reference_refused_at IS NOT NULL)`;

/** Saved files that were never checked and are not deleted, after a given one, by kind and id. */
export async function unprovenMedia(db: Db, after: MediaRef | undefined, limit: number): Promise<MediaRef[]> {
  const { kind, id } = after ?? { kind: '', id: 0n };
  return await sql(db).$queryRaw<MediaRef[]>`
    (SELECT 'document' AS kind, id FROM document
      WHERE saved AND proven_at IS NULL AND deleted_at IS NULL AND ${isReachable('document')} AND ('document', id) > (${kind}, ${id}) ORDER BY id LIMIT ${limit})
    UNION ALL
    (SELECT 'photo', id FROM photo
      WHERE saved AND proven_at IS NULL AND deleted_at IS NULL AND ${isReachable('photo')} AND ('photo', id) > (${kind}, ${id}) ORDER BY id LIMIT ${limit})
    ORDER BY 1, 2 LIMIT ${limit}`;
}

export async function countUnproven(db: Db): Promise<number> {
  const rows = await sql(db).$queryRaw<{ count: number }[]>`
    SELECT ((SELECT count(*) FROM document WHERE saved AND proven_at IS NULL AND deleted_at IS NULL)
      + (SELECT count(*) FROM photo WHERE saved AND proven_at IS NULL AND deleted_at IS NULL))::int AS count`;
  return rows[0]!.count;
}

/** Records a checked file: it matches, Telegram has no hashes (any more), or it differs. */
export async function recordProof(db: Db, { kind, id, sha256 }: Media, differs: boolean): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE ${Prisma.raw(kind)} SET proven_at = now(), differs_at = CASE WHEN ${differs} THEN now() END
    WHERE id = ${id} AND saved AND sha256 IS NOT DISTINCT FROM ${sha256}`;
}

/** Makes all files due for a check again. */
export async function forgetProofs(db: Db): Promise<void> {
  for (const kind of mediaKinds)
    await sql(db)
      .$executeRaw`UPDATE ${Prisma.raw(kind)} SET proven_at = NULL, differs_at = NULL WHERE proven_at IS NOT NULL`;
}
