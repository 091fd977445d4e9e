/** rows.ts: many rows as one jsonb parameter for jsonb_to_recordset, the fastest way into Postgres that we measured. */

/** Bigints become strings, which Postgres reads as bigint; dates become ISO texts. */
export function asRows(rows: readonly object[]): string {
  return JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
