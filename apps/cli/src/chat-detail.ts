/** chat-detail.ts: what is provable of one chat: what was read, and what was read again since when. */
import type { ChatStatus, RecheckProgress } from '@tgsync/shared/db';
import { printable } from './printable.js';
import { percentOf } from './status-table.js';
import { textTable } from './text-table.js';

const reasons: Record<RecheckProgress['reason'], string> = {
  recent: 'by tg.recheck',
  hole: 'more had happened than Telegram told',
  resync: 'by tgsync resync',
  missing: 'a second look at missing messages',
};

export function chatDetail(chat: ChatStatus): string {
  const { rechecked, rechecks } = chat;
  const rows = [
    ['history', historyOf(chat)],
    ...listed(
      'rechecked',
      rechecked.toReversed().map(({ from, to, since }) => `${from}–${to} since ${timeOf(since)}`),
    ),
    ...listed(
      'to recheck',
      rechecks.map(
        (it) => `${it.left.from}–${it.left.to}, ${percentOf(it)} done (${reasons[it.reason]}, ${timeOf(it.askedAt)})`,
      ),
    ),
  ];
  const title = `${chat.id} ${printable(chat.title, 60)} (${chat.kind})`;
  return [title, textTable(['', ''], rows).split('\n').slice(1).join('\n')].join('\n');
}

function historyOf({ covered, completeAt, owedIds, state, reason }: ChatStatus): string {
  if (!covered)
    return state === 'unreadable' ? `nothing read: ${printable(reason ?? 'unreadable', 200)}` : 'nothing read yet';
  const read = `read from ${covered.from} to ${covered.to}`;
  if (completeAt) return `${read}, complete on ${timeOf(completeAt)}`;
  return owedIds > 0n ? `${read}, ${owedIds.toLocaleString('en')} ids not read yet` : read;
}

/** At least one line. */
function listed(name: string, lines: readonly string[]): string[][] {
  return lines.length === 0 ? [[name, 'nothing']] : lines.map((it, index) => [index === 0 ? name : '', it]);
}

const timeOf = (date: Date) => date.toISOString().replace(/\.\d+Z$/, 'Z');
