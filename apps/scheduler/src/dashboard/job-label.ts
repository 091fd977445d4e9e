/**
 * job-label.ts: the dashboard's label for a job. Pure. Anybody may have written the job: whatever it contains, the result is one line of
 * text.
 */

const most = 120;

export function labelOf(job: unknown): string {
  const { name, data } = fieldsOf(job);
  return printable(fieldsOf(data).title) ?? printable(name) ?? 'unnamed job';
}

function fieldsOf(value: unknown): { name?: unknown; data?: unknown; title?: unknown } {
  return typeof value === 'object' && value !== null ? value : {};
}

/** undefined: not text, or nothing visible in it. */
function printable(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value
    .slice(0, 10 * most)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, ' ')
    .trim();
  const line = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return line.toWellFormed() || undefined;
}
