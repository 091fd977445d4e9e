/** rows.ts: many rows as one jsonb parameter for jsonb_to_recordset, the fastest way into Postgres that we measured. */

/** Bigints become strings, which Postgres reads as bigint; dates become ISO texts. */
export function asRows(rows: readonly object[]): string {
  return JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

/** Each row once, in the order in which all writers lock them. */
export function byId<T extends { id: bigint }>(rows: Iterable<T>): T[] {
  const unique = new Map<bigint, T>();
  for (const row of rows) unique.set(row.id, row);
  return [...unique.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** If a page contains a peer twice, the full description counts. */
export function fullLast<T extends { min?: boolean }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => Number(b.min ?? false) - Number(a.min ?? false));
}
