/**
 * watch-gone.ts: checks whether a large share of the saved files disappeared at once, and asks the person in health, status and
 * dashboard.
 */
import type { Db } from '@tgsync/shared/db';
import { goneFiles } from '@tgsync/shared/media';

/** How often while all is well: a check reads the names of all files. */
const calmMs = 10 * 60_000;
/** How often while there is a question. */
const askedMs = 10_000;
/** A burst of missing files causes a single check. */
const freshMs = 2000;

export interface GoneWatch {
  /** The question about files of this kind, if there is one. */
  readonly question: (kind: string) => Promise<string | undefined>;
  stop(): void;
}

/** `onChange` gets the question now and whenever it changes; undefined: there is none any more. */
export function watchGone(db: Db, media: string, onChange: (question: string | undefined) => void): GoneWatch {
  let last: { at: number; found: ReturnType<typeof goneFiles> } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const check = () => {
    if (!last || performance.now() - last.at > freshMs) last = { at: performance.now(), found: goneFiles(db, media) };
    return last.found;
  };
  const watch = async () => {
    let next = askedMs;
    try {
      const found = await check();
      if (found.length === 0) next = calmMs;
      onChange(found.length === 0 ? undefined : found.map((it) => it.question).join(' '));
    } catch {
      // the database or the disk is unavailable, which is reported elsewhere
    }
    timer = setTimeout(() => void watch(), next);
  };
  void watch();
  return {
    question: async (kind) => (await check()).find((it) => it.kind === kind)?.question,
    stop: () => clearTimeout(timer),
  };
}
