/** resync.ts: `tgsync resync <chat> [--range a:b]` has the fleet read again what is stored of a chat, to find edits and deletions. */
import type { Environment } from '@tgsync/shared/config';
import { askResync, wantedChatRows } from '@tgsync/shared/db';
import { PersonError } from '@tgsync/shared/errors';
import prettyMs from 'pretty-ms';
import { findNamedChat } from '../find-chat.js';
import { withArchive } from '../open-archive.js';
import { printable } from '../printable.js';
import { print } from '../terminal.js';

/** What Telegram allows in practice: a hundred messages in ten seconds. */
const msPerMessage = 100;

export async function resyncCommand(
  env: Environment,
  [text, ...more]: readonly string[],
  { range = ':' }: { range?: string | undefined },
): Promise<number> {
  if (more.length > 0) throw new PersonError(`One chat at a time: ${more.join(' ')}`);
  const wanted = rangeOf(range);
  await withArchive(env, async (db) => {
    const chat = findNamedChat(await wantedChatRows(db), text);
    const { id: chatId, accountId, title, state, stateReason } = chat;
    const messages = await askResync(db, { chatId, accountId }, wanted);
    if (messages === 0) throw new PersonError('Nothing of that chat is stored in that range.');
    const time = prettyMs(messages * msPerMessage, { unitCount: 1, secondsDecimalDigits: 0, verbose: true });
    const name = printable(title || chatId.toString(), 40);
    print(
      `${messages.toLocaleString('en')} ${messages === 1 ? 'message' : 'messages'} of ${name} will be read again, which takes about ${time} while the fleet runs.`,
    );
    if (state === 'unreadable')
      print(`It cannot be read now (${printable(stateReason ?? '', 200)}), so that happens later.`);
    print(`\`tgsync status ${chatId}\` shows how far it is.`);
  });
  return 0;
}

/** 0: no limit on that side. */
function rangeOf(text: string): { from: bigint; to: bigint } {
  const [, from, to] = /^(\d{0,18}):(\d{0,18})$/.exec(text) ?? [];
  if (from === undefined || to === undefined)
    throw new PersonError(`--range ${text}: expected two message ids such as 1000:2000, 1000: or :2000.`);
  const range = { from: BigInt(from || 0), to: BigInt(to || 0) };
  if (range.to !== 0n && range.from > range.to)
    throw new PersonError(`--range ${text}: the first id must not be greater than the second.`);
  return range;
}
