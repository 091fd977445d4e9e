/** verify.ts: runs all checks in order. */
import { type Db, hasSavedFiles, savedTotals } from '@tgsync/shared/db';
import { holdsArchive } from '@tgsync/shared/store';
import { checkFiles, type CheckCounts } from './check-files.js';
import { checkStrays, checkTemp } from './check-strays.js';
import { DeepCheck, type DeepOptions } from './deep.js';
import type { Findings } from './finding.js';
import type { Archive } from './archive.js';

/** The progress of the checks. */
export interface Checks {
  deep: DeepCheck;
  checked: CheckCounts;
  /** The totals to check, set once the checks of files start at `began` (`performance.now()`); bytes only if file contents are read. */
  total?: { files: number; bytes: number; began: number };
}

/** Starts or resumes the checks of an archive, with all counts at 0. */
export async function beginChecks(archive: Archive, options: DeepOptions): Promise<Checks> {
  const deep = await DeepCheck.begin(archive.db, archive.signal, options);
  return { deep, checked: { chats: 0, files: 0, deleted: 0, bytes: 0n, links: 0 } };
}

/** Checks the files: media, links, strays, leftovers. Nothing is concluded without the marker. */
export async function* verifyFiles(archive: Archive, checks: Checks): Findings {
  if (!(await holdsArchive(archive.media, archive.archiveId))) {
    if (await hasSavedFiles(archive.db)) yield { kind: 'folder-not-mounted', path: archive.media };
    return;
  }
  yield* checkTemp(archive);
  const { deep, checked } = checks;
  checks.total = await totals(archive.db, deep);
  try {
    yield* checkFiles(archive, deep, checked);
    await deep.finish();
    yield* checkStrays(archive);
  } finally {
    await deep.record();
  }
}

async function totals(db: Db, deep: DeepCheck): Promise<Required<Checks>['total']> {
  const { files, bytes } = await savedTotals(db, deep.began);
  return { files, bytes: deep.began ? Number(bytes) : 0, began: performance.now() };
}
