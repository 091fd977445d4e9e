/** settings-change.ts: one line that tells the person who edited config.json what changed. Pure. */
import type { SettingsChange } from '@tgsync/shared/db';

/** Only this many ids are listed; the rest are counted. */
const named = 10;

/** Returns `undefined` if nothing has changed. */
export function settingsChange({
  added,
  dropped,
  selectors,
  ranges,
  rules,
  settings,
}: SettingsChange): string | undefined {
  const parts = [
    ...(added.length > 0 ? [`added ${chats(added)}`] : []),
    ...(dropped.length > 0 ? [`removed ${chats(dropped)} (data kept)`] : []),
    ...(selectors.added.length > 0 ? [`added ${listed(selectors.added)}`] : []),
    ...(selectors.dropped.length > 0 ? [`removed ${listed(selectors.dropped)}`] : []),
    ...ranges.slice(0, named).map((it) => `range of ${it.id}: ${range(it.before)} → ${range(it.now)}`),
    ...(ranges.length > named ? [`and ${ranges.length - named} more ranges`] : []),
    ...(rules.length > 0 ? [`rules, period, rechecks or deletions of ${chats(rules)}`] : []),
    ...(settings.length > 0 ? [`changed ${settings.join(', ')}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
}

function chats(ids: readonly bigint[]): string {
  return `${ids.length === 1 ? 'chat' : `${ids.length} chats`} ${listed(ids)}`;
}

function listed(all: readonly (bigint | string)[]): string {
  return `${all.slice(0, named).join(', ')}${all.length > named ? ` and ${all.length - named} more` : ''}`;
}

/** 0: no limit on that side. */
export function range({ from, to }: { from: bigint; to: bigint }): string {
  if (from <= 1n && to === 0n) return 'all';
  return `${from > 1n ? from : 1n}–${to === 0n ? '' : to}`;
}
