/** archive.ts: the archive that is checked or repaired: its database, its folders, and how files are linked into chats. */
import { type Config, type Environment, foldersOf, type LinkMode } from '@tgsync/shared/config';
import { archiveId, type Db } from '@tgsync/shared/db';

export interface Archive {
  db: Db;
  media: string;
  temp: string;
  archiveId: string;
  linkMode: LinkMode;
  signal: AbortSignal;
  /** Report only; change and record nothing. */
  dryRun: boolean;
}

/** Reads what a check or repair needs to know about the archive; only reports if `dryRun`. */
export async function archiveOf(
  db: Db,
  config: Config,
  env: Environment,
  signal: AbortSignal,
  dryRun = false,
): Promise<Archive> {
  return {
    ...foldersOf(config, env),
    dryRun,
    db,
    archiveId: await archiveId(db),
    linkMode: config.media.link,
    signal,
  };
}
