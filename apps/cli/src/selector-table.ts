/** selector-table.ts: which chats the names, links, folders and "*" of tg.chats mean, as a table for people. */
import type { SelectorStatus } from '@tgsync/shared/db';
import { printable } from './printable.js';
import { textTable } from './text-table.js';

/** Only this many chats of a folder are listed; the rest are counted. */
const listed = 3;

export function selectorTable(selectors: readonly SelectorStatus[]): string {
  const rows = selectors.map((it) => [
    printable(it.text, 34),
    String(it.chats.length),
    chatsOf(it),
    it.since?.toISOString().slice(0, 10) ?? '–',
    stateOf(it),
  ]);
  return textTable(['in tg.chats', 'chats', 'which', 'since', 'state'], rows, [1]);
}

function chatsOf({ chats }: SelectorStatus): string {
  const names = chats.slice(0, listed).map((it) => `${it.id} ${printable(it.title, 20)}`.trim());
  return [...names, ...(chats.length > listed ? [`and ${chats.length - listed} more`] : [])].join(', ') || '–';
}

function stateOf({ problem, since, chats }: SelectorStatus): string {
  if (problem !== null) return 'unresolved';
  if (since === null) return 'waiting';
  const others = chats.filter((it) => !it.isOwn).length;
  return others > 0 ? `resolved (${others} also named more closely)` : 'resolved';
}
