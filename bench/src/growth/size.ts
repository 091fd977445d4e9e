/** size.ts: how many bytes does a message take in Postgres? Rows, what lies beside them (TOAST), and indexes. */
import type { Growth } from './open.js';

const perMessage = 'FROM (SELECT count(*) AS n FROM message) messages';

export async function measureSize({ pool }: Growth): Promise<void> {
  const { rows } = await pool.query<Record<'name' | 'rows' | 'toast' | 'indexes', string>>(`
    SELECT relname AS name, (pg_relation_size(oid) / n)::int AS rows, ((pg_table_size(oid) - pg_relation_size(oid)) / n)::int AS toast,
      (pg_indexes_size(oid) / n)::int AS indexes
    ${perMessage}, pg_class WHERE relname IN ('message', 'message_media', 'photo', 'document', 'media_access') ORDER BY 2 DESC`);
  console.log('| bytes a message | rows | TOAST | indexes |\n| --- | ---: | ---: | ---: |');
  for (const it of rows) console.log(`| ${it.name} | ${it.rows} | ${it.toast} | ${it.indexes} |`);
  const { rows: each } = await pool.query<Record<'what' | 'bytes' | 'raw', string>>(`
    SELECT CASE WHEN media_type IS NULL THEN 'a text message' ELSE 'a message with media' END AS what,
      avg(pg_column_size(message.*))::int AS bytes, avg(pg_column_size(raw))::int AS raw FROM message TABLESAMPLE SYSTEM (1) GROUP BY 1 ORDER BY 1`);
  for (const it of each) console.log(`row of ${it.what}: ${it.bytes} bytes, of which raw ${it.raw}`);
}

export async function unusedIndexes({ pool }: Growth): Promise<void> {
  const { rows } = await pool.query<{ name: string; bytes: string }>(`
    SELECT indexrelname AS name, pg_relation_size(indexrelid) AS bytes FROM pg_stat_user_indexes
    WHERE schemaname = 'public' AND idx_scan = 0 AND pg_relation_size(indexrelid) > 1000000 ORDER BY 2 DESC`);
  for (const it of rows) console.log(`no statement used ${it.name} (${(Number(it.bytes) / 1e6).toFixed(0)} MB)`);
}
