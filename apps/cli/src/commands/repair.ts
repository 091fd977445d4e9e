/**
 * repair.ts: `tgsync repair [--dry-run] [--json]`: mends what can be mended and says so line by line; deletes no file of a person.
 * 1 if something is left that only the person can mend, or that a worker had just then.
 */
import type { Environment } from '@tgsync/shared/config';
import { untilInterrupted } from '../interruption.js';
import { withArchive } from '../open-archive.js';
import { printable } from '../printable.js';
import { mend } from '../repair/mend.js';
import type { Outcome } from '../repair/outcome.js';
import { checkMessages } from '../verify/check-messages.js';
import { findingKinds } from '../verify/finding-kinds.js';
import { asLine, asRecord, type Finding } from '../verify/finding.js';
import { placeOf } from '../verify/place.js';
import { jsonLine } from '../verify/report.js';
import { beginChecks, verifyFiles } from '../verify/verify.js';

export interface RepairOptions {
  'dry-run': boolean;
  json: boolean;
}

const longest = 400;

export async function repairCommand(env: Environment, { json, 'dry-run': dryRun }: RepairOptions): Promise<number> {
  return await withArchive(env, async (db, config) => {
    const interruption = untilInterrupted();
    const { signal } = interruption;
    const counts: Record<Outcome['outcome'], number> = { mended: 0, owed: 0, left: 0, skipped: 0 };
    const mending = { ...(await placeOf(db, config, env, signal)), dryRun };
    const tell = async (finding: Finding) => {
      const outcome = await mend(mending, finding);
      if (!outcome) return;
      counts[outcome.outcome]++;
      if (json) process.stdout.write(jsonLine({ ...asRecord(finding), advice: undefined, ...named(outcome, dryRun) }));
      else if (outcome.outcome !== 'owed' || finding.kind === 'range-owed')
        console.log(lineOf(finding, outcome, dryRun));
    };
    try {
      await checkMessages(db, signal, tell);
      const { deep, looked } = await beginChecks(mending, { deep: false, fresh: false, rate: Infinity });
      await verifyFiles(mending, tell, deep, looked);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      interruption.end();
    }
    const summary = signal.aborted ? 'interrupted' : 'done';
    if (json) process.stdout.write(jsonLine({ summary, dryRun, ...counts }));
    else console.log(lastWord(summary, counts, dryRun));
    if (signal.aborted) return 130;
    return counts.left + counts.skipped > 0 ? 1 : 0;
  });
}

const nameOf = ({ outcome }: Outcome, dryRun: boolean) => (dryRun && outcome === 'mended' ? 'would mend' : outcome);

function named(outcome: Outcome, dryRun: boolean) {
  return { outcome: nameOf(outcome, dryRun), did: outcome.text };
}

function lineOf(finding: Finding, outcome: Outcome, dryRun: boolean): string {
  const { title } = findingKinds[finding.kind];
  return printable(`${nameOf(outcome, dryRun)}: ${title}: ${asLine(finding)}: ${outcome.text}`, longest);
}

function lastWord(summary: string, { mended, owed, left, skipped }: Record<string, number>, dryRun: boolean): string {
  const done = dryRun ? `${mended} would be mended (nothing was changed: --dry-run)` : `${mended} mended`;
  const words = [
    done,
    `${owed} owed, which the running fleet brings`,
    `${left} left for you`,
    ...(skipped ? [`${skipped} skipped, as workers had them: run it again`] : []),
  ];
  return `${summary === 'done' ? '' : 'Interrupted: '}${words.join('; ')}.`;
}
