/** place.ts: the archive that is checked or mended: its database, its folders, and how files get into its chats. */
import type { Config, Environment, LinkMode } from '@tgsync/shared/config';
import { archiveId, type Db } from '@tgsync/shared/db';

export interface Place {
  db: Db;
  media: string;
  temp: string;
  archiveId: string;
  linkMode: LinkMode;
  signal: AbortSignal;
  /** Nothing is written down of what was found. */
  dryRun: boolean;
}

export async function placeOf(
  db: Db,
  config: Config,
  { media, temp }: Environment,
  signal: AbortSignal,
  dryRun = false,
): Promise<Place> {
  return { dryRun, db, media, temp, archiveId: await archiveId(db), linkMode: config.media.link, signal };
}
