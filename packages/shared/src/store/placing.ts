/** placing.ts: for tests: what a download does with a complete file, as single calls, and a claim to do it with. */
import type { Link } from './chat-links.js';
import type { FileOf } from './layout.js';
import type { Held } from './held.js';
import type { MediaStore } from './media-store.js';

/** The holder of a claim on, for example, `document-32`; `isLost`: Postgres says that the claim is no longer theirs. */
export function heldAs(media: string, claim = 1n, isLost = false): Held {
  const [, kind, id] = /^(photo|document)-(-?\d+)$/.exec(media)!;
  return { kind: kind as FileOf['kind'], id: BigInt(id!), claim, isFirst: false, renew: async () => !isLost };
}

export async function place(
  store: MediaStore,
  path: string,
  held: Held,
  fileName: string,
  links: readonly Link[],
): Promise<void> {
  const source = await store.sourceOf(path, held.kind, fileName);
  for (const one of links) await store.show(source, held, fileName, one);
  if (await store.keep(path, source, held, fileName))
    for (const one of links) await store.show(store.savedPath(held.kind, fileName), held, fileName, one);
}

export async function linkSaved(store: MediaStore, held: Held, fileName: string, one: Link): Promise<boolean> {
  if (!(await store.has(held.kind, fileName))) return false;
  await store.show(store.savedPath(held.kind, fileName), held, fileName, one);
  return true;
}
