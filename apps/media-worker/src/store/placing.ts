/** placing.ts: for tests: what a download does with a whole file, in one call each. */
import type { Link } from '@tgsync/shared/store';
import type { MediaStore } from './media-store.js';

export async function place(
  store: MediaStore,
  path: string,
  kind: string,
  fileName: string,
  links: readonly Link[],
): Promise<void> {
  const source = await store.sourceOf(path, kind, fileName);
  for (const one of links) await store.show(source, kind, fileName, one);
  if (await store.keep(path, source, kind, fileName))
    for (const one of links) await store.show(store.savedPath(kind, fileName), kind, fileName, one);
}

export async function linkSaved(store: MediaStore, kind: string, fileName: string, one: Link): Promise<boolean> {
  if (!(await store.has(kind, fileName))) return false;
  await store.show(store.savedPath(kind, fileName), kind, fileName, one);
  return true;
}
