/**
 * adopt.ts: `tgsync adopt [--yes]`: a new database takes over the media folder of one that is lost. Files that are the ones that
 * Telegram has are then not downloaded again: each is proven by Telegram's hashes when its turn comes.
 */
import type { Environment } from '@tgsync/shared/config';
import { archiveId, hasSavedFiles } from '@tgsync/shared/db';
import { PersonError } from '@tgsync/shared/errors';
import { countRepo, ownerOf, takeOverMediaFolder } from '@tgsync/shared/store';
import { withArchive } from '../open-archive.js';
import { Prompt } from '../prompt.js';
import { print } from '../terminal.js';

export async function adoptCommand(env: Environment, { yes }: { yes: boolean }): Promise<number> {
  return await withArchive(env, async (db) => {
    const { media } = env;
    const [mine, owner] = [await archiveId(db), await ownerOf(media)];
    if (owner === mine) {
      print(`${media} is the media folder of this archive already.`);
      return 0;
    }
    if (await hasSavedFiles(db))
      throw new PersonError('This database has files of its own: only a new one can adopt those of another.');
    const [photos, documents] = [await countRepo(media, 'photo'), await countRepo(media, 'document')];
    if (photos === undefined && documents === undefined)
      throw new PersonError(`${media} has no files of an archive: there is nothing to adopt.`);
    const whose = owner === undefined ? 'an archive that left no marker' : `archive ${owner}`;
    const what = `${(photos ?? 0).toLocaleString('en')} photos and ${(documents ?? 0).toLocaleString('en')} documents of ${whose}`;
    if (
      !yes &&
      !(await agrees(`${media} has ${what}. Its own database must not be used any more. Adopt it? (yes/no)`))
    ) {
      print('Nothing was changed.');
      return 1;
    }
    await takeOverMediaFolder(media, mine);
    print(`${media} belongs to this archive now: start the fleet. What Telegram still has is not downloaded again.`);
    return 0;
  });
}

async function agrees(question: string): Promise<boolean> {
  const prompt = new Prompt();
  try {
    return /^y(es)?$/i.test(await prompt.ask(question));
  } finally {
    prompt.close();
  }
}
