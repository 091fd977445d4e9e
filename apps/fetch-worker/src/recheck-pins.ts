/**
 * recheck-pins.ts: finds out what is pinned in a chat of which too much has happened for a difference. A search says which messages are, and
 * only what a message says itself counts: those of which the archive says something else are read again by id.
 */
import { type ChatRow, type DuePins, settlePins, storedPins, storeReread } from '@tgsync/shared/db';
import type { JobContext } from '@tgsync/shared/jobs';
import { hasOwnMessageIds } from '@tgsync/shared/peer-id';
import { getMessages, pageLimit, pinnedIds } from '@tgsync/shared/telegram';
import type { Deps } from './handlers/deps.js';
import { logUnstorable } from './log-unstorable.js';

export interface PinsOf {
  chat: ChatRow;
  due: DuePins;
}

export async function recheckPins(
  { db, account, clock, emitter }: Deps,
  { chat, due }: PinsOf,
  { signal, log }: JobContext,
): Promise<void> {
  const accountId = account.selfId;
  const whose = { chatId: chat.id, ownerId: hasOwnMessageIds(chat.id) ? 0n : accountId };
  const [pinned, stored] = [new Set(await pinnedIds(account, chat, signal)), new Set(await storedPins(db, whose))];
  const differ = [...[...pinned].filter((id) => !stored.has(id)), ...[...stored].filter((id) => !pinned.has(id))];
  let changed = 0;
  for (let at = 0; at < differ.length; at += pageLimit) {
    const asOf = await clock.now();
    const ids = differ.slice(at, at + pageLimit).map(Number);
    const { messages, peers, pts } = await getMessages(account, chat, ids, signal);
    const read = await storeReread(db, whose, { accountId, asOf, pts, messages, peers }, logUnstorable(log));
    await emitter.emit(read.waiting, chat.title, messages);
    changed += read.changed;
  }
  await settlePins(db, accountId, due);
  log.info({ chat: chat.id, pinned: pinned.size, changed }, 'pinned messages searched');
}
