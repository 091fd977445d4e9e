/** live-fleet.ts: a fleet that applies updates as they come. */
import type { BareDb } from '@tgsync/shared/db/bare';
import { type Archive, type Fleet, patience } from '@tgsync/testing';
import { vi } from 'vitest';

/** So rare that a survey of everything cannot be why something is known. */
export const rarely = { tg: { sync_interval: 3600, lease_ttl: 2 } };

export interface LiveFleet {
  archive: Archive;
  fleet: Fleet;
  db: BareDb;
}

/** Starts a fleet and resolves when it applies updates and has read these chats; returns the fetch worker. */
export async function untilLive(
  { archive, fleet, db }: LiveFleet,
  chats: readonly { id: bigint }[],
  settings: object = rarely,
) {
  archive.configure(Object.fromEntries(chats.map((it) => [`${it.id}`, {}])), settings);
  fleet.start('scheduler');
  const worker = fleet.start('fetch-worker');
  await vi.waitUntil(async () => (await db.account.findFirst())?.live, patience);
  const live = () => db.dialog.count({ where: { liveTop: { not: null } } });
  await vi.waitUntil(async () => (await live()) === chats.length, patience);
  await vi.waitUntil(async () => (await db.coverage.count()) === chats.length, patience);
  return worker;
}
