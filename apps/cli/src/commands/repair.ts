/**
 * repair.ts: `tgsync repair [--dry-run] [--json]` repairs what it can, reports it line by line, and deletes none of the person's files.
 * `--accept-deleted`: the person deleted all missing files. `--restore-deleted [chat…]`: they are downloaded again. Exits with 1 if
 * something is left that only the person can fix, or that a worker was using.
 */
import {
  acceptDeleted,
  asRecord,
  beginChecks,
  checkMessages,
  type Finding,
  findingKinds,
  repair,
  type Outcome,
  archiveOf,
  restoreDeleted,
  verifyFiles,
} from '@tgsync/integrity';
import { type Environment, settingsOf } from '@tgsync/shared/config';
import { retryRefusedLinks } from '@tgsync/shared/db';
import { PersonError } from '@tgsync/shared/errors';
import { useUmask } from '@tgsync/shared/store';
import { untilInterrupted } from '../interruption.js';
import { withArchive } from '../open-archive.js';
import { printable } from '../printable.js';
import { asLine } from '../verify/finding-line.js';
import { showChecks } from '../verify/progress.js';
import { print, printJson } from '../terminal.js';

export interface RepairOptions {
  'dry-run': boolean;
  json: boolean;
  'accept-deleted': boolean;
  'restore-deleted': boolean;
}

const longest = 400;

export async function repairCommand(
  env: Environment,
  chatIds: readonly string[],
  options: RepairOptions,
): Promise<number> {
  const { json, 'dry-run': dryRun, 'accept-deleted': accept, 'restore-deleted': restore } = options;
  if (accept && restore) throw new PersonError('Use either --accept-deleted or --restore-deleted, not both.');
  if (chatIds.length > 0 && !restore)
    throw new PersonError(`Chats can only be given with --restore-deleted: ${chatIds.join(' ')}`);
  if (accept || restore) return await answerDeleted(env, chatIds, options);
  return await withArchive(env, async (db, config) => {
    const interruption = untilInterrupted();
    const { signal } = interruption;
    const counts: Record<Outcome['outcome'], number> = { repaired: 0, owed: 0, left: 0, skipped: 0 };
    useUmask(settingsOf(config).mediaUmask);
    const archive = await archiveOf(db, config, env, signal, dryRun);
    const repairOne = async (finding: Finding) => {
      const outcome = await repair(archive, finding);
      if (!outcome) return;
      counts[outcome.outcome]++;
      if (json) printJson({ ...asRecord(finding), advice: undefined, ...named(outcome, dryRun) });
      else if (outcome.outcome !== 'owed' || finding.kind === 'range-owed') print(lineOf(finding, outcome, dryRun));
    };
    try {
      if (!dryRun) await retryRefusedLinks(db);
      const checks = await beginChecks(archive, { deep: false, fresh: false, rate: Infinity });
      for await (const finding of checkMessages(archive, checks.checked)) await repairOne(finding);
      const progress = showChecks(checks);
      try {
        for await (const finding of verifyFiles(archive, checks)) await repairOne(finding);
      } finally {
        progress.stop();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      interruption.end();
    }
    const summary = signal.aborted ? 'interrupted' : 'done';
    if (json) printJson({ summary, dryRun, ...counts });
    else print(lastWord(summary, counts, dryRun));
    if (signal.aborted) return 130;
    return counts.left + counts.skipped > 0 ? 1 : 0;
  });
}

/** The person's answer to whether they deleted the missing files. */
async function answerDeleted(env: Environment, chatIds: readonly string[], options: RepairOptions): Promise<number> {
  const { json, 'dry-run': dryRun, 'accept-deleted': accept } = options;
  return await withArchive(env, async (db, config) => {
    const interruption = untilInterrupted();
    try {
      const archive = await archiveOf(db, config, env, interruption.signal, dryRun);
      const { files, skipped } = accept ? await acceptDeleted(archive) : await restoreDeleted(archive, chatIds);
      if (json) printJson({ summary: 'done', dryRun, files, skipped });
      else print(answered(files, skipped, accept, dryRun));
      return skipped > 0 ? 1 : 0;
    } finally {
      interruption.end();
    }
  });
}

function answered(files: number, skipped: number, accept: boolean, dryRun: boolean): string {
  const count = `${files.toLocaleString('en')} files`;
  if (dryRun)
    return `${count} would be ${accept ? 'marked as deleted by you' : 'owed again'} (nothing was changed: --dry-run).`;
  if (accept)
    return `${count} are marked as deleted by you and stay deleted. \`tgsync repair --restore-deleted\` undoes this.`;
  return `${count} are owed again: the running fleet downloads them.${skipped ? ` ${skipped} in use by workers were skipped: run it again.` : ''}`;
}

const nameOf = ({ outcome }: Outcome, dryRun: boolean) => (dryRun && outcome === 'repaired' ? 'would repair' : outcome);

function named(outcome: Outcome, dryRun: boolean) {
  return { outcome: nameOf(outcome, dryRun), did: outcome.text };
}

function lineOf(finding: Finding, outcome: Outcome, dryRun: boolean): string {
  const { title } = findingKinds[finding.kind];
  return printable(`${nameOf(outcome, dryRun)}: ${title}: ${asLine(finding)}: ${outcome.text}`, longest);
}

function lastWord(summary: string, { repaired, owed, left, skipped }: Record<string, number>, dryRun: boolean): string {
  const done = dryRun ? `${repaired} would be repaired (nothing was changed: --dry-run)` : `${repaired} repaired`;
  const parts = [
    done,
    `${owed} owed, to be downloaded by the running fleet`,
    `${left} for you to fix`,
    ...(skipped ? [`${skipped} in use by workers and skipped: run it again`] : []),
  ];
  return `${summary === 'done' ? '' : 'Interrupted: '}${parts.join('; ')}.`;
}
