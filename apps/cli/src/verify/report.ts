/** report.ts: collects findings as counts and a few examples for a person. */
import { type Finding, type FindingKind, findingKinds, type Level } from '@tgsync/integrity';
import { printable } from '../printable.js';
import { textTable } from '../text-table.js';
import { asLine } from './finding-line.js';

const longest = 300;
const levels: readonly Level[] = ['wrong', 'owed', 'note'];

export class Report {
  readonly counts = new Map<FindingKind, number>();
  private readonly examples = new Map<FindingKind, string[]>();

  constructor(private readonly mostExamples: number) {}

  add(finding: Finding): void {
    this.counts.set(finding.kind, (this.counts.get(finding.kind) ?? 0) + 1);
    const examples = this.examples.get(finding.kind) ?? [];
    if (examples.length < this.mostExamples) examples.push(printable(asLine(finding), longest));
    this.examples.set(finding.kind, examples);
  }

  /** The number of findings of a level. */
  of(level: Level): number {
    return [...this.counts].reduce((sum, [kind, count]) => sum + (findingKinds[kind].level === level ? count : 0), 0);
  }

  get isWhole(): boolean {
    return this.of('wrong') === 0 && this.of('owed') === 0;
  }

  /** A line per kind of finding, the worst first; then examples of each and what to do. */
  asText(): string {
    const kinds = (Object.keys(findingKinds) as FindingKind[]).filter((it) => this.counts.has(it));
    kinds.sort((a, b) => levels.indexOf(findingKinds[a].level) - levels.indexOf(findingKinds[b].level));
    if (kinds.length === 0) return '';
    const rows = kinds.map((it) => [findingKinds[it].level, this.countOf(it), findingKinds[it].title]);
    const details = kinds.flatMap((it) => {
      const examples = this.examples.get(it) ?? [];
      const more = this.counts.get(it)! - examples.length;
      return [
        '',
        `${findingKinds[it].title} (${findingKinds[it].advice}):`,
        ...examples.map((line) => `  ${line}`),
        ...(more > 0 ? [`  and ${more.toLocaleString('en')} more (--examples N, --json)`] : []),
      ];
    });
    return [textTable(['', 'count', 'what'], rows, [1]), ...details].join('\n');
  }

  countsAsRecord(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }

  private countOf(kind: FindingKind): string {
    return this.counts.get(kind)!.toLocaleString('en');
  }
}
