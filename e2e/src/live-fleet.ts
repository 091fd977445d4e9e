/** live-fleet.ts: a fleet that applies updates, and what tests of that ask again and again. */
import type { ChildProcess } from 'node:child_process';
import type { BareDb } from '@tgsync/shared/db/bare';
import type { Emulator, World } from '@tgsync/telegram-emulator';
import { type Archive, type Fleet, patience } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { differencesFromRecord } from './recorded.js';

/** So rare that a survey cannot be why something is known; whoever was killed is missed for two seconds. */
export const rarely = { tg: { sync_interval: 3600, lease_ttl: 2 } };

/** Starts a fleet and resolves when it applies updates and has read these chats; returns the fetch worker. */
export async function untilLive(
  { archive, fleet, db }: { archive: Archive; fleet: Fleet; db: BareDb },
  chats: readonly { id: bigint }[],
  settings: object = rarely,
): Promise<ChildProcess> {
  archive.configure(Object.fromEntries(chats.map((it) => [`${it.id}`, {}])), settings);
  fleet.start('scheduler');
  const worker = fleet.start('fetch-worker');
  await vi.waitUntil(async () => (await db.account.findFirst())?.live, patience);
  const live = () => db.dialog.count({ where: { liveTop: { not: null } } });
  await vi.waitUntil(async () => (await live()) === chats.length, patience);
  await vi.waitUntil(async () => (await db.coverage.count()) === chats.length, patience);
  return worker;
}

/** Resolves when the archive says what really happened. */
export const isTrue = async (world: World, db: BareDb, waiting = patience): Promise<void> =>
  await vi.waitFor(async () => expect(await differencesFromRecord(world, db)).toEqual([]), waiting);

/** How often a method was called. */
export const calls = (telegram: Emulator, method: string): number => telegram.counters().calls[method] ?? 0;

/** What the messages of a chat say, oldest first. */
export const texts = async (db: BareDb, chatId: bigint): Promise<(string | null)[]> =>
  (await db.message.findMany({ where: { chatId }, orderBy: { id: 'asc' } })).map((it) => it.message);
