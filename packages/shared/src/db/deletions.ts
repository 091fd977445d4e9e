/** deletions.ts: files that the person deleted after they were saved: never downloaded again, unless the person asks for it. */
import { Prisma } from './sql-text.js';
import type { MediaRef } from './messages.js';
import { asRows } from './rows.js';
import { type Db, sql, type Tx } from './handle.js';
import { type MediaKind, mediaKinds } from './words.js';

/** Files that should exist. */
export async function countKept(db: Db | Tx, kind: MediaKind): Promise<number> {
  const rows = await sql(db).$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM ${Prisma.raw(kind)} WHERE state = 'saved' AND deleted_at IS NULL`;
  return rows[0]!.count;
}

/** Records that the person deleted these files. Returns how many were not known to be deleted. */
export async function recordDeleted(db: Db | Tx, media: readonly MediaRef[]): Promise<number> {
  let count = 0;
  for (const kind of mediaKinds)
    count += await sql(db).$executeRaw`
      UPDATE ${Prisma.raw(kind)} SET deleted_at = now() FROM jsonb_to_recordset(${asRows(media)}::jsonb) AS x(kind text, id bigint)
      WHERE x.kind = ${kind} AND ${Prisma.raw(kind)}.id = x.id AND state = 'saved' AND deleted_at IS NULL`;
  return count;
}

/** Records that these files exist again. */
export async function recordReturned(db: Db | Tx, media: readonly MediaRef[]): Promise<void> {
  for (const kind of mediaKinds)
    await sql(db).$executeRaw`
      UPDATE ${Prisma.raw(kind)} SET deleted_at = NULL FROM jsonb_to_recordset(${asRows(media)}::jsonb) AS x(kind text, id bigint)
      WHERE x.kind = ${kind} AND ${Prisma.raw(kind)}.id = x.id AND deleted_at IS NOT NULL`;
}
