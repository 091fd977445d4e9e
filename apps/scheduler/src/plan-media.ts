/** plan-media.ts: which files are next? Pure: rows in, jobs out. */
import type { MediaCursor, OwedMedia, OwedNothingMore } from '@tgsync/shared/db';
import { mediaTitle, type PlannedJob } from '@tgsync/shared/jobs';
import { mixFairly } from './mix-fairly.js';

export interface MediaPlan {
  /** Each media once; about as many as the queue has capacity for. */
  jobs: PlannedJob[];
  /** Where the next round continues in each chat; a chat that is finished starts over. */
  cursors: MediaCursor[];
  isOwed: boolean;
}

const jobOf = ({ kind, id, name, chatTitle }: OwedMedia, isUrgent = false): PlannedJob => {
  const title = mediaTitle(chatTitle, { kind, id, name });
  return { name: 'download-media', payload: { kind, id }, title, ...(isUrgent && { isUrgent }) };
};

/** Those that cannot wait: before all others, and also into a full queue. */
export function planUrgentMedia(rows: readonly OwedMedia[]): PlannedJob[] {
  return rows.map((it) => jobOf(it, true));
}

/** `rows` are ordered by chat, kind and id, with at least one row for each chat that waits for something. */
export function planMedia(rows: readonly (OwedMedia | OwedNothingMore)[], room: number): MediaPlan {
  const chats = new Map<bigint, OwedMedia[]>();
  for (const row of rows) {
    const found = chats.get(row.chatId) ?? [];
    if (row.kind !== null) found.push(row);
    chats.set(row.chatId, found);
  }
  const share = Math.ceil(room / chats.size);
  const jobs = new Map<string, PlannedJob>();
  for (const it of mixFairly([...chats.values()])) jobs.set(`${it.kind}-${it.id}`, jobOf(it));
  const cursors = [...chats.values()]
    .filter((it) => it.length >= share)
    .map((it) => it.at(-1)!)
    .map(({ chatId, kind, id }) => ({ chatId, kind, id }));
  return { jobs: [...jobs.values()], cursors, isOwed: chats.size > 0 };
}
