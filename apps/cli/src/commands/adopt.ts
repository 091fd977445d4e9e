/**
 * adopt.ts: `tgsync adopt [--yes]` takes over the media folder of a lost database. Files that match Telegram are not downloaded again:
 * each is checked against Telegram's hashes when its turn comes.
 */
import { type Environment, foldersOf } from '@tgsync/shared/config';
import { archiveId, hasSavedFiles } from '@tgsync/shared/db';
import { PersonError } from '@tgsync/shared/errors';
import { countRepo, ownerOf, takeOverMediaFolder } from '@tgsync/shared/store';
import { withArchive } from '../open-archive.js';
import { Prompt } from '../prompt.js';
import { print } from '../terminal.js';

export async function adoptCommand(env: Environment, { yes }: { yes: boolean }): Promise<number> {
  return await withArchive(env, async (db, config) => {
    const { media } = foldersOf(config, env);
    const [mine, owner] = [await archiveId(db), await ownerOf(media)];
    if (owner === mine) {
      print(`${media} already belongs to this archive.`);
      return 0;
    }
    if (await hasSavedFiles(db))
      throw new PersonError("This database already has files. Only a new database can adopt another archive's files.");
    const [photos, documents] = [await countRepo(media, 'photo'), await countRepo(media, 'document')];
    if (photos === undefined && documents === undefined)
      throw new PersonError(`${media} contains no archive, so there is nothing to adopt.`);
    const whose = owner === undefined ? 'an archive without a marker file' : `archive ${owner}`;
    const what = `${(photos ?? 0).toLocaleString('en')} photos and ${(documents ?? 0).toLocaleString('en')} documents of ${whose}`;
    if (
      !yes &&
      !(await agrees(`${media} contains ${what}. Its old database must no longer be used. Adopt the files? (yes/no)`))
    ) {
      print('Nothing was changed.');
      return 1;
    }
    await takeOverMediaFolder(media, mine);
    print(`${media} now belongs to this archive. Start the fleet; existing files are not downloaded again.`);
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
