/**
 * gone-files.ts: a missing file was deleted by the person. But when a large share of the files is missing at once, as after a mistaken
 * `rm -r` or with an older backup, the person is asked first: nothing is concluded until they answer.
 */
import { join } from 'node:path';
import { countKept, type Db, type MediaKind } from '../db/index.js';
import { countRepo, repoFolder } from '../store/index.js';

export interface GoneFiles {
  kind: MediaKind;
  /** How many files there should be, and how many of them are missing. */
  kept: number;
  gone: number;
  /** The question, for the person. */
  question: string;
}

const kinds = ['photo', 'document'] as const;
/** Fewer missing files than this never raise the question, whatever their share. */
const few = 20;

/**
 * Whether so many of the `kept` files are missing that the person must be asked. `there`: files found; undefined if their folder is
 * missing.
 */
export function mustAsk(kept: number, there: number | undefined): boolean {
  const gone = kept - (there ?? 0);
  if (gone <= 0) return false;
  if (there === undefined) return true;
  return there === 0 ? gone > 1 : gone >= few && gone > kept / 2;
}

/** The repos with too many missing files. Call it only if the marker says that the media folder is mounted. */
export async function goneFiles(db: Db, media: string): Promise<GoneFiles[]> {
  const found: GoneFiles[] = [];
  for (const kind of kinds) {
    const kept = await countKept(db, kind);
    // Nobody is asked if half of them are there, which takes half as long to find out.
    const there = kept === 0 ? 0 : await countRepo(media, kind, Math.ceil(kept / 2));
    if (mustAsk(kept, there)) found.push(asked(media, kind, kept, kept - (there ?? 0)));
  }
  return found;
}

function asked(media: string, kind: MediaKind, kept: number, gone: number): GoneFiles {
  const [of, folder] = [kept.toLocaleString('en'), join(media, repoFolder(kind))];
  const question =
    `${gone.toLocaleString('en')} of ${of} files are missing from ${folder}. If you deleted them, run \`tgsync repair --accept-deleted\`; ` +
    'otherwise put them back, or run `tgsync repair --restore-deleted` to download them again. Until then they do not count as deleted.';
  return { kind, kept, gone, question };
}
