/**
 * mend-link.ts: what is equal to the file of the repo, byte for byte, shows in the chat as media.link says again, be it a copy
 * in place of a link or what another mode made; any other file is the person's.
 */
import { join } from 'node:path';
import type { Media } from '@tgsync/shared/db';
import { lookAt } from '../disk/look.js';
import type { Finding } from '../verify/finding.js';
import { described } from '../verify/judge.js';
import { hash, isLinkTarget, mendFile, type Mending, repoPath, show } from './mend-file.js';
import { left, mended, type Outcome } from './outcome.js';

/** Undefined: it is right. The claim of the media is held. */
export async function mendLink(
  mending: Mending,
  { path, chatId }: Finding,
  media: Media,
  lost: AbortSignal,
): Promise<Outcome | undefined> {
  if (media.state !== 'saved' || !media.sha256) return undefined;
  const file = repoPath(mending, media);
  const [repo, found] = [await lookAt(file), await lookAt(path!)];
  if (repo.type !== 'file' || found.type === 'nothing') return undefined;
  if (found.type === 'file') {
    if (found.inode === repo.inode) return undefined;
    if (found.size !== media.size || (await hash(mending, path!)) !== media.sha256)
      return left(`its content is another one, so it is yours and stays; Telegram's is ${file}`);
  } else if (!isLinkTarget(media, found)) {
    return left(`${described(found)} is not tgsync's and stays; Telegram's is ${file}`);
  }
  const wrong = await mendFile(mending, media, lost); // the only right copy must not give way to a wrong file
  if (wrong) return wrong;
  lost.throwIfAborted();
  if (!mending.dryRun) await show(mending, media, file, { chatId: chatId!, name: nameOf(mending, path!, chatId!) });
  return mended('equal to the file of the repo: linked to it again');
}

function nameOf({ media }: Mending, path: string, chatId: bigint): string {
  return path.slice(join(media, chatId.toString()).length + 1);
}
