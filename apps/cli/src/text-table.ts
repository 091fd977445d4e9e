/** text-table.ts: a plain table for a terminal or a pipe. */
import stringWidth from 'string-width';

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

/** How many columns of a terminal a text takes. Most texts are plain, and thousands of rows are many. */
function widthOf(text: string): number {
  return plain.test(text) ? text.length : stringWidth(text);
}
