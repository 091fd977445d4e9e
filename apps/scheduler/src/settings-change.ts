/** settings-change.ts: what an edit of config.json has changed, in one line: the answer to a person who edited it. Pure. */
import type { SettingsChange } from '@tgsync/shared/db';

/** So many ids are named; of more only the number is told. */
const named = 10;

/** Undefined: nothing has changed. */
export function settingsChange({ added, dropped, ranges, settings }: SettingsChange): string | undefined {
  const parts = [
    ...(added.length > 0 ? [`added ${chats(added)}`] : []),
    ...(dropped.length > 0 ? [`dropped ${chats(dropped)}, whose data stay`] : []),
    ...ranges.slice(0, named).map((it) => `the range of ${it.id} was ${range(it.before)} and is ${range(it.now)}`),
    ...(ranges.length > named ? [`${ranges.length - named} more ranges`] : []),
    ...(settings.length > 0 ? [`other values of ${settings.join(', ')}`] : []),
  ];
  return parts.length === 0 ? undefined : `config.json has changed: ${parts.join('; ')}`;
}

function chats(ids: readonly bigint[]): string {
  const more = ids.length > named ? ` and ${ids.length - named} more` : '';
  return `${ids.length === 1 ? 'chat' : `${ids.length} chats`} ${ids.slice(0, named).join(', ')}${more}`;
}

/** 0: no limit on that side. */
export function range({ from, to }: { from: bigint; to: bigint }): string {
  if (from <= 1n && to === 0n) return 'all';
  return `${from > 1n ? from : 1n}–${to === 0n ? '' : to}`;
}
