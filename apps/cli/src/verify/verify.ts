/** verify.ts: all checks in their order. Every finding is told at once; nothing is kept, as there may be millions. */
import { type Db, hasSavedFiles, savedTotals } from '@tgsync/shared/db';
import { holdsArchive } from '@tgsync/shared/store';
import { checkFiles, type Looked } from './check-files.js';
import { checkStrays, checkTemp } from './check-strays.js';
import { DeepCheck, type DeepOptions } from './deep.js';
import type { Tell } from './finding.js';
import type { Place } from './place.js';
import { progressLine, showProgress } from './progress.js';

/** The files: media, links, strays, leftovers. Without the marker nothing is concluded. */
export async function verifyFiles(place: Place, tell: Tell, deep: DeepCheck, looked: Looked): Promise<void> {
  if (!(await holdsArchive(place.media, place.archiveId))) {
    if (await hasSavedFiles(place.db)) await tell({ kind: 'folder-not-mounted', path: place.media });
    return;
  }
  await checkTemp(place, tell);
  const began = performance.now();
  const total = await totals(place.db, deep);
  const progress = showProgress(() => {
    const files = deep.began ? deep.read.files : looked.files;
    return progressLine({ files, bytes: deep.read.bytes }, total, performance.now() - began);
  });
  try {
    await checkFiles(place, tell, deep, looked);
    await deep.finish();
    await checkStrays(place, tell);
  } finally {
    progress.stop();
    await deep.record();
  }
}

export async function beginChecks(place: Place, options: DeepOptions): Promise<{ deep: DeepCheck; looked: Looked }> {
  const deep = await DeepCheck.begin(place.db, place.signal, options);
  return { deep, looked: { files: 0, deleted: 0, bytes: 0n, links: 0 } };
}

async function totals(db: Db, deep: DeepCheck): Promise<{ files: number; bytes: number }> {
  const { files, bytes } = await savedTotals(db, deep.began);
  return { files, bytes: deep.began ? Number(bytes) : 0 };
}
