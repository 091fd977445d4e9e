/** chats.ts: `tgsync chats [words]` lists the chats of chats.json whose title contains the words. */
import type { Environment } from '@tgsync/shared/config';
import { PersonError } from '@tgsync/shared/errors';
import { printable } from '../printable.js';
import { chatsFile, readChats } from '../person-files.js';
import { textTable } from '../text-table.js';
import { print } from '../terminal.js';

export function chatsCommand(env: Environment, words: readonly string[]): number {
  const chats = readChats(env);
  if (!chats) throw new PersonError(`There is no ${chatsFile(env)} yet. Run \`tgsync login\`.`);
  const wanted = words.join(' ').toLowerCase();
  const found = chats.filter((it) => `${it.title} ${it.username ?? ''}`.toLowerCase().includes(wanted));
  const rows = found.map((it) => [it.id, it.kind, printable(it.title), it.username ? `@${it.username}` : '']);
  print(textTable(['id', 'kind', 'title', 'username'], rows));
  return 0;
}
