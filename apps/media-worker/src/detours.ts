/** detours.ts: what a file of Telegram's needs on the way: its turn, a fresh reference, another data centre. */
import { type Db, type Media, recordDataCentre } from '@tgsync/shared/db';
import type { JobContext, Queues } from '@tgsync/shared/jobs';
import { FileReferenceError, type Files, MigrateError } from '@tgsync/shared/telegram';
import { freshReference } from './fresh-reference.js';

export interface DetourDeps {
  db: Db;
  queues: Queues;
  files: Files;
}

/** How often one run asks for a fresh reference or another data centre before it counts as a failure. */
const detours = 5;

/** Asks Telegram for something of a file, with fresh references and other data centres on the way. */
export async function detoured<T>(
  deps: DetourDeps,
  first: Media,
  context: JobContext,
  ask: (media: Media) => Promise<T>,
): Promise<T> {
  let media = first;
  for (let detour = 0; ; detour++) {
    try {
      await deps.files.awaitTurn(media);
      return await ask(media);
    } catch (error) {
      if (detour === detours) throw error;
      if (error instanceof FileReferenceError) {
        await context.note('The file reference was too old; asking for a fresh one.');
        media = await freshReference(deps, media, context.signal);
      } else if (error instanceof MigrateError) {
        await recordDataCentre(deps.db, media, error.dcId);
        media = { ...media, dcId: error.dcId };
      } else {
        throw error;
      }
    }
  }
}
