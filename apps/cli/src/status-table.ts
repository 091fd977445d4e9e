/** status-table.ts: how far each chat is, for a person. */
import type { ChatStatus } from '@tgsync/shared/db';
import prettyBytes from 'pretty-bytes';
import { printable } from './printable.js';
import { textTable } from './text-table.js';

export function statusTable(chats: readonly ChatStatus[]): string {
  const rows = chats.map((it) => [
    it.id.toString(),
    printable(it.title || '(not seen yet)', 28),
    it.messages.toLocaleString('en'),
    it.covered ? `${it.covered.from}–${it.covered.to}` : '–',
    stateOf(it),
    String(it.mediaSaved),
    String(it.mediaOwed),
    String(it.mediaFailed),
    prettyBytes(it.bytes),
  ]);
  return textTable(
    ['chat', 'title', 'messages', 'read', 'state', 'saved', 'owed', 'failed', 'size'],
    rows,
    [2, 5, 6, 7, 8],
  );
}

function stateOf(chat: ChatStatus): string {
  if (chat.state === 'unreadable') return 'unreadable';
  if (chat.state === 'unknown') return 'waiting';
  return chat.owedIds > 0n ? 'reading' : 'complete';
}
