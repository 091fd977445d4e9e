/** publish.ts: prints a benchmark's result and writes it to bench/results/, as data and as a picture. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, type Section } from './measures.js';
import { svgOf } from './svg.js';
import { tableOf } from './table.js';

const folder = fileURLToPath(new URL('../../results/', import.meta.url));

export interface Result {
  bench: string;
  /** What was asked for. */
  settings: Record<string, unknown>;
  /** Facts that the numbers depend on, such as the disk's flushes a second. */
  facts: Record<string, string | number>;
  sections: Section[];
}

/** Prints tables, or with `json` the same as data. */
export function publish(result: Result, { json }: { json: boolean }): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`;
  const facts = { machine, 'load average': loadavg()[0]!.toFixed(1), ...result.facts };
  const sections = result.sections.map((it) => ({
    ...it,
    medians: it.rows.map((row) => ({
      name: row.name,
      ...Object.fromEntries(it.columns.map((column) => [column, median(row, column)])),
    })),
  }));
  const data = JSON.stringify({ ...result, at: new Date().toISOString(), facts, sections }, null, 2);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${result.bench}.json`), `${data}\n`);
  writeFileSync(join(folder, `${result.bench}.svg`), svgOf(result.sections));
  if (json) return console.log(data);
  console.log(
    Object.entries(facts)
      .map(([name, it]) => `${name}: ${it}`)
      .join('\n'),
  );
  for (const it of result.sections) console.log(tableOf(it));
}
