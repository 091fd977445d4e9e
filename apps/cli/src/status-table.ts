/** status-table.ts: the progress of each chat as a table for people. */
import type { ChatStatus, RecheckProgress } from '@tgsync/shared/db';
import prettyBytes from 'pretty-bytes';
import { printable } from './printable.js';
import { textTable } from './text-table.js';

export function statusTable(chats: readonly ChatStatus[]): string {
  const rows = chats.map((it) => [
    it.id.toString(),
    printable(it.title || '(not seen yet)', 28),
    it.messages.toLocaleString('en'),
    readOf(it),
    stateOf(it),
    recheckedOf(it),
    String(it.mediaSaved),
    String(it.mediaOwed),
    String(it.mediaFailed),
    String(it.mediaDeleted),
    String(it.mediaSkipped),
    prettyBytes(it.bytes),
  ]);
  return textTable(
    [
      'chat',
      'title',
      'messages',
      'read',
      'state',
      'rechecked',
      'saved',
      'owed',
      'failed',
      'deleted',
      'skipped',
      'size',
    ],
    rows,
    [2, 6, 7, 8, 9, 10, 11],
  );
}

/** What was read, and of which range if config.json limits it. */
function readOf({ covered, range: { from, to } }: ChatStatus): string {
  const read = covered ? `${covered.from}–${covered.to}` : '–';
  if (from <= 1n && to === 0n) return read;
  return `${read} of ${from > 1n ? from : 1n}–${to === 0n ? '' : to}`;
}

function stateOf(chat: ChatStatus): string {
  if (chat.state === 'unreadable') return 'unreadable';
  if (chat.state === 'unknown') return 'waiting';
  if (chat.owedIds > 0n) return 'reading';
  return chat.notVisibleIds > 0n ? `complete (${chat.notVisibleIds.toLocaleString('en')} not visible)` : 'complete';
}

/** When messages were last read again, or how far that is. */
function recheckedOf({ rechecks, rechecked }: ChatStatus): string {
  const [running] = rechecks;
  if (running) return percentOf(running);
  const last = rechecked.reduce<Date | undefined>((a, { since }) => (a && a > since ? a : since), undefined);
  return last?.toISOString().slice(0, 10) ?? '–';
}

/** How much of a recheck is done. */
export function percentOf({ range, left }: RecheckProgress): string {
  const [all, open] = [range, left].map(({ from, to }) => Number(to - from) + 1);
  return `${Math.floor((100 * (all! - open!)) / all!)} %`;
}
