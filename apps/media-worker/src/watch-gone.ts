/** watch-gone.ts: looks whether a large share of the saved files is gone at once, and asks the person, in health, status and page. */
import type { Db } from '@tgsync/shared/db';
import { goneFiles } from '@tgsync/shared/media';

/** How often, while all is well: it reads the names of all files. */
const calmMs = 10 * 60_000;
/** And while there is a question. */
const askedMs = 10_000;
/** A burst of files that are not there is one look. */
const freshMs = 2000;

export interface GoneWatch {
  /** The question, if there is one about files of this kind. */
  readonly question: (kind: string) => Promise<string | undefined>;
  stop(): void;
}

/** `onChange` gets the question now and whenever it changes; undefined: there is none any more. */
export function watchGone(db: Db, media: string, onChange: (question: string | undefined) => void): GoneWatch {
  let looked: { at: number; found: ReturnType<typeof goneFiles> } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    if (!looked || performance.now() - looked.at > freshMs)
      looked = { at: performance.now(), found: goneFiles(db, media) };
    return looked.found;
  };
  const watch = async () => {
    let next = askedMs;
    try {
      const found = await look();
      if (found.length === 0) next = calmMs;
      onChange(found.length === 0 ? undefined : found.map((it) => it.words).join(' '));
    } catch {
      // the database or the disk is away, which others tell
    }
    timer = setTimeout(() => void watch(), next);
  };
  void watch();
  return {
    question: async (kind) => (await look()).find((it) => it.kind === kind)?.words,
    stop: () => clearTimeout(timer),
  };
}
