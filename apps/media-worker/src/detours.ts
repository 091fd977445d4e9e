/** detours.ts: what reading a file may need first: a flood wait to end, or its own data centre. */
import { type Db, type Media, recordDataCentre } from '@tgsync/shared/db';
import type { Queues } from '@tgsync/shared/jobs';
import { FileReferenceError, type Files, MigrateError } from '@tgsync/shared/telegram';

export interface DetourDeps {
  db: Db;
  queues: Queues;
  files: Files;
}

/** How often one run may be redirected to another data centre before it counts as a failure. */
const detours = 5;

/** Runs a query about a file. Throws FileReferenceError if a new reference is needed first. */
export async function detoured<T>(deps: DetourDeps, first: Media, ask: (media: Media) => Promise<T>): Promise<T> {
  // Known to be refused, so Telegram is not asked once more.
  if (first.referenceRefusedAt !== null) throw new FileReferenceError('its file reference was already refused');
  let media = first;
  for (let detour = 0; ; detour++) {
    try {
      await deps.files.awaitTurn(media);
      return await ask(media);
    } catch (error) {
      if (detour === detours || !(error instanceof MigrateError)) throw error;
      await recordDataCentre(deps.db, media, error.dcId);
      media = { ...media, dcId: error.dcId };
    }
  }
}
