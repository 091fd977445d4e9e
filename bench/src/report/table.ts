/** table.ts: a section as a Markdown table of medians. */
import { median, measures, type Section } from './measures.js';

export function tableOf({ title, columns, rows }: Section): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const shown = columns.filter((it) => rows.some((row) => median(row, it) !== undefined));
  return [
    `\n${title}\n`,
    line(['', ...shown.map((it) => measures[it].label)]),
    line(['---', ...shown.map(() => '---:')]),
    ...rows.map((row) => line([row.name, ...shown.map((it) => median(row, it)?.toFixed(measures[it].digits) ?? '–')])),
  ].join('\n');
}
