/** verify.ts: all checks in their order. */
import { type Db, hasSavedFiles, savedTotals } from '@tgsync/shared/db';
import { holdsArchive } from '@tgsync/shared/store';
import { checkFiles, type Looked } from './check-files.js';
import { checkStrays, checkTemp } from './check-strays.js';
import { DeepCheck, type DeepOptions } from './deep.js';
import type { Findings } from './finding.js';
import type { Place } from './place.js';

/** How far the checks of an archive are. */
export interface Checks {
  deep: DeepCheck;
  looked: Looked;
  /** What there is to look at, once files are looked at, since `began` (by `performance.now()`); bytes only where they are read. */
  total?: { files: number; bytes: number; began: number };
}

export async function beginChecks(place: Place, options: DeepOptions): Promise<Checks> {
  const deep = await DeepCheck.begin(place.db, place.signal, options);
  return { deep, looked: { chats: 0, files: 0, deleted: 0, bytes: 0n, links: 0 } };
}

/** The files: media, links, strays, leftovers. Without the marker nothing is concluded. */
export async function* verifyFiles(place: Place, checks: Checks): Findings {
  if (!(await holdsArchive(place.media, place.archiveId))) {
    if (await hasSavedFiles(place.db)) yield { kind: 'folder-not-mounted', path: place.media };
    return;
  }
  yield* checkTemp(place);
  const { deep, looked } = checks;
  checks.total = await totals(place.db, deep);
  try {
    yield* checkFiles(place, deep, looked);
    await deep.finish();
    yield* checkStrays(place);
  } finally {
    await deep.record();
  }
}

async function totals(db: Db, deep: DeepCheck): Promise<Required<Checks>['total']> {
  const { files, bytes } = await savedTotals(db, deep.began);
  return { files, bytes: deep.began ? Number(bytes) : 0, began: performance.now() };
}
