/**
 * plan-chat.ts: what rules would take of a chat. Of what is known every file counts; what is not read yet is estimated from windows of it,
 * with how far that may be off. Pure.
 */
import type { SampledWindow, UndecidedMedia } from '@tgsync/shared/db';
import { decide, type MediaCategory, mediaCategories, type MediaRules } from '@tgsync/shared/rules';

export interface Amount {
  files: number;
  bytes: number;
}

/** An estimate; the true number is within `offBy` of it in 19 of 20 cases, if files are spread over the chat at random. */
export interface Estimate extends Amount {
  offBy: Amount;
}

export interface PlannedKind {
  kind: MediaCategory;
  /** Exactly, as far as Telegram tells sizes. */
  known: Amount;
  estimated: Estimate | null;
}

export interface Unread {
  /** How many message ids. */
  ids: bigint;
  /** The windows are all of it. */
  isExact: boolean;
  windows: readonly SampledWindow[];
}

/** Media that are counted once, however many messages and chats have them, by `kind-id`; saved ones are among them from the start. */
export type Counted = Set<string>;

const keyOf = ({ kind, id }: { kind: string; id: bigint }) => `${kind}-${id}`;

export function planChat(
  rules: MediaRules,
  known: readonly UndecidedMedia[],
  unread: Unread | undefined,
  counted: Counted,
): PlannedKind[] {
  const windows = (unread?.windows ?? []).map((it) => ({ ids: Number(it.to - it.from + 1n), media: mediaIn(it) }));
  const sure = takenOf(rules, unread?.isExact ? [...known, ...windows.flatMap((it) => it.media)] : known, counted);
  const sampled = unread?.isExact
    ? []
    : windows.map(({ ids, media }) => ({ ids, taken: takenOf(rules, media, counted) }));
  return mediaCategories.flatMap((kind) => {
    const of = (media: readonly UndecidedMedia[]) => amountOf(media.filter((it) => it.category === kind));
    const exact = of(sure);
    const samples = sampled.map(({ ids, taken }) => ({ ids, ...of(taken) }));
    const estimated = samples.some((it) => it.files > 0) ? estimate(samples, Number(unread!.ids)) : null;
    return exact.files > 0 || estimated ? [{ kind, known: exact, estimated }] : [];
  });
}

function mediaIn({ messages }: SampledWindow): UndecidedMedia[] {
  return messages.flatMap(({ media, ...message }) => media.map((it) => ({ ...message, ...it })));
}

/** Those that the rules take and that were not counted before. */
function takenOf(rules: MediaRules, media: readonly UndecidedMedia[], counted: Counted): UndecidedMedia[] {
  return media.filter((it) => {
    if (counted.has(keyOf(it)) || decide(rules, it) !== null) return false;
    counted.add(keyOf(it));
    return true;
  });
}

export function amountOf(media: readonly { size: bigint }[]): Amount {
  return { files: media.length, bytes: media.reduce((sum, it) => sum + Number(it.size), 0) };
}

/** Every window tells how many there are per id at its place; their mean counts for all ids. */
function estimate(samples: readonly (Amount & { ids: number })[], ids: number): Estimate {
  const [files, bytes] = (['files', 'bytes'] as const).map((of) => {
    const densities = samples.map((it) => it[of] / it.ids);
    const mean = densities.reduce((sum, it) => sum + it, 0) / densities.length;
    const variance = densities.reduce((sum, it) => sum + (it - mean) ** 2, 0) / Math.max(1, densities.length - 1);
    const error = Math.sqrt(variance / densities.length);
    return { value: Math.round(mean * ids), offBy: Math.ceil(2 * error * ids) };
  });
  return {
    files: files!.value,
    bytes: bytes!.value,
    offBy: { files: files!.offBy, bytes: bytes!.offBy },
  };
}
