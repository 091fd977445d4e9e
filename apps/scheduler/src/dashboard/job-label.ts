/** job-label.ts: what the dashboard calls a job. Pure. Anybody may have written the job: whatever is in it, a line of text comes out. */

const most = 120;

export function labelOf(job: unknown): string {
  const { name, data } = fieldsOf(job);
  return printable(fieldsOf(data).title) ?? printable(name) ?? 'unnamed job';
}

function fieldsOf(value: unknown): { name?: unknown; data?: unknown; title?: unknown } {
  return typeof value === 'object' && value !== null ? value : {};
}

/** Undefined: it is no text, or nothing of it could be seen. */
function printable(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value
    .slice(0, 10 * most)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, ' ')
    .trim();
  const line = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return line.toWellFormed() || undefined;
}
