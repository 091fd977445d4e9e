/**
 * repair-link.ts: a file that is equal to the repo's, byte for byte, is replaced by a link as set by media.link, be it a copy or what
 * another mode made; any other file is the person's.
 */
import { basename, dirname, relative, sep } from 'node:path';
import type { Media } from '@tgsync/shared/db';
import { inspect } from '../disk/inspect.js';
import type { Finding } from '../verify/finding.js';
import { described } from '../verify/judge.js';
import type { Archive } from '../verify/archive.js';
import { hash, isLinkTarget, repairFile, repoPath, show } from './repair-file.js';
import { left, repaired, type Outcome } from './outcome.js';

/** Repairs a link; undefined if it is right. The caller holds the claim of the media. */
export async function repairLink(
  archive: Archive,
  { path, chatId }: Finding,
  media: Media,
  lost: AbortSignal,
): Promise<Outcome | undefined> {
  if (media.state !== 'saved' || !media.sha256) return undefined;
  const file = repoPath(archive, media);
  const [repo, found] = [await inspect(file), await inspect(path!, archive.media)];
  if (repo.type !== 'file' || found.type === 'nothing') return undefined;
  if (found.type === 'file') {
    if (found.inode === repo.inode) return undefined;
    if (found.size !== media.size || (await hash(archive, path!)) !== media.sha256)
      return left(`its content differs, so it is your file and stays; Telegram's is ${file}`);
  } else if (!isLinkTarget(media, found, placeOf(archive, path!).folder)) {
    return left(`${described(found)} is not tgsync's and stays; Telegram's is ${file}`);
  }
  const wrong = await repairFile(archive, media, lost); // the only intact copy must not give way to a wrong file
  if (wrong) return wrong;
  lost.throwIfAborted();
  if (!archive.dryRun) await show(archive, media, file, { chatId: chatId!, ...placeOf(archive, path!) });
  return repaired('equal to the saved file; linked to it again');
}

function placeOf({ media }: Archive, path: string): { folder: string; name: string } {
  return { folder: relative(media, dirname(path)).split(sep).join('/'), name: basename(path) };
}
