/** text-table.ts: a plain table for a terminal or a pipe. */
import Table from 'cli-table3';

const gap = '  ';

/** `right`: columns to align right, for numbers. A cell is one line. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => all.reduce((most, row) => Math.max(most, widthOf(row[column] ?? '')), 0));
  const cell = (text: string, column: number) => {
    const space = ' '.repeat(widths[column]! - widthOf(text));
    return right.includes(column) ? space + text : text + space;
  };
  return all.map((row) => row.map(cell).join(gap).trimEnd()).join('\n');
}

const plain = /^[\u0020-\u007e]*$/;
const measured = new Map<string, number>();

/** How many columns of a terminal a text takes. The library knows characters of any width, but needs seconds for thousands of rows. */
function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  const known = measured.get(text) ?? measure(text);
  measured.set(text, known);
  return known;
}

/** The library finds out how wide a column is when it draws it. */
function measure(text: string): number {
  const table = new Table({ style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } });
  table.push([text]);
  table.toString();
  return (table as unknown as { options: { colWidths: number[] } }).options.colWidths[0]!;
}
