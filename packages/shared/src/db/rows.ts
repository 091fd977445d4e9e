/** rows.ts: many rows as one jsonb parameter for jsonb_to_recordset, the fastest way into Postgres that we measured. */

/** Bigints become strings, which Postgres reads as bigint; dates become ISO texts. */
export function asRows(rows: readonly object[]): string {
  return JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

/**
 * The same for a page of messages, which has thousands of values: those that are null are left out, as what is absent is NULL as well, and
 * only the fields themselves may be bigints.
 */
export function asSparseRows(rows: readonly object[]): string {
  return JSON.stringify(rows.map(sparse));
}

function sparse(row: object): object {
  const filled: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row))
    if (value !== null) filled[name] = typeof value === 'bigint' ? value.toString() : value;
  return filled;
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
