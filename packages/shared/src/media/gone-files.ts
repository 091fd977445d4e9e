/**
 * gone-files.ts: a file that is not there was deleted by the person. But when a large share of them is gone at once, that is a question,
 * as after a slip of `rm -r` or with an older backup: nothing is concluded until the person has answered.
 */
import { join } from 'node:path';
import { countKept, type Db, type MediaKind } from '../db/index.js';
import { countRepo, repoFolder } from '../store/index.js';

export interface GoneFiles {
  kind: MediaKind;
  /** Files that should be there, and how many of them are not. */
  kept: number;
  gone: number;
  /** The question, for the person. */
  words: string;
}

const kinds = ['photo', 'document'] as const;
/** So many are no question, whatever share they are. */
const few = 20;

/** Whether it is a question that of `kept` files only so many are there; undefined: not even their folder is. */
export function isQuestion(kept: number, there: number | undefined): boolean {
  const gone = kept - (there ?? 0);
  if (gone <= 0) return false;
  if (there === undefined) return true;
  return there === 0 ? gone > 1 : gone >= few && gone > kept / 2;
}

/** The repos of which too many files are gone. Asked only where the marker says that the media folder is there. */
export async function goneFiles(db: Db, media: string): Promise<GoneFiles[]> {
  const found: GoneFiles[] = [];
  for (const kind of kinds) {
    const kept = await countKept(db, kind);
    const there = kept === 0 ? 0 : await countRepo(media, kind);
    if (isQuestion(kept, there)) found.push(asked(media, kind, kept, kept - (there ?? 0)));
  }
  return found;
}

function asked(media: string, kind: MediaKind, kept: number, gone: number): GoneFiles {
  const [of, folder] = [kept.toLocaleString('en'), join(media, repoFolder(kind))];
  const words =
    `${gone.toLocaleString('en')} of ${of} files are missing from ${folder}. If you deleted them, run \`tgsync repair --accept-deleted\`; ` +
    'otherwise put them back, or run `tgsync repair --restore-deleted` to download them again. Until then they do not count as deleted.';
  return { kind, kept, gone, words };
}
