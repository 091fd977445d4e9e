/** deletions.ts: `tgsync deletions allow <chat>` answers the question whether many deleted messages of a chat may be removed. */
import type { Environment } from '@tgsync/shared/config';
import { allowDeletions, mostCounted, wantedChatRows } from '@tgsync/shared/db';
import { PersonError } from '@tgsync/shared/errors';
import { findNamedChat } from '../find-chat.js';
import { withArchive } from '../open-archive.js';
import { printable } from '../printable.js';
import { print } from '../terminal.js';

export async function deletionsCommand(env: Environment, [what, text, ...more]: readonly string[]): Promise<number> {
  if (what !== 'allow' || more.length > 0) throw new PersonError('Expected `deletions allow <chat>`, with one chat.');
  await withArchive(env, async (db) => {
    const { id: chatId, accountId, title, deletions } = findNamedChat(await wantedChatRows(db), text);
    if (deletions !== 'mirror')
      throw new PersonError(
        `Deleted messages of ${chatId} are kept, as its "deletions" in config.json is not "mirror".`,
      );
    const messages = await allowDeletions(db, { chatId, accountId });
    const count = `${messages >= mostCounted ? 'At least ' : ''}${messages.toLocaleString('en')} ${messages === 1 ? 'message' : 'messages'}`;
    print(`${count} of ${printable(title || chatId.toString(), 40)} will be removed while the fleet runs.`);
  });
  return 0;
}
