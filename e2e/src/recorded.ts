/** recorded.ts: does an archive say what really happened? Compared with the world's own record, which no client ever saw. */
import assert from 'node:assert/strict';
import type { BareDb } from '@tgsync/shared/db/bare';
import type { RecordedMessage, World } from '@tgsync/telegram-emulator';

/** What an archive says of a message. */
interface Archived {
  /** Undefined: kept as it came, for a version that can read it. */
  text: string | undefined;
  isDeleted: boolean;
  isPinned: boolean;
  /** What it said before, oldest first. */
  versions: string[];
}

const keyOf = (chatId: bigint, id: bigint | number) => `${chatId}/${id}`;

async function archived(db: BareDb): Promise<Map<string, Archived>> {
  const messages = await db.message.findMany();
  const versions = await db.messageVersion.findMany({ orderBy: { version: 'asc' } });
  const found = new Map<string, Archived>();
  for (const { chatId, id, message, deletedAt, raw, mapped } of messages)
    found.set(keyOf(chatId, id), {
      text: mapped ? (message ?? '') : undefined,
      isDeleted: deletedAt !== null,
      isPinned: (raw as { pinned?: boolean }).pinned === true,
      versions: [],
    });
  for (const { chatId, id, message } of versions) found.get(keyOf(chatId, id))!.versions.push(message ?? '');
  return found;
}

/**
 * What differs, one line each; empty: the archive is true. A message that came and went while nobody listened may be missing, and an edit
 * that another one followed.
 */
export async function differencesFromRecord(world: World, db: BareDb): Promise<string[]> {
  const known = await archived(db);
  const problems: string[] = [];
  for (const it of world.record.messages()) {
    const key = keyOf(it.chatId, it.id);
    const ours = known.get(key);
    known.delete(key);
    if (!ours && !it.deleted) problems.push(`${key} is missing`);
    if (ours) problems.push(...differences(key, it, ours));
  }
  return [...problems, ...[...known.keys()].map((key) => `${key} never was`)];
}

function differences(key: string, { versions, deleted, pinned }: RecordedMessage, ours: Archived): string[] {
  if (ours.text === undefined) return [];
  const texts = versions.map((it) => it.text);
  assert(texts.length > 0);
  const problems: string[] = [];
  // Of a deleted one the last edit may never have been told.
  const isNewest = ours.text === texts.at(-1) || (deleted !== undefined && texts.includes(ours.text));
  if (!isNewest) problems.push(`${key} says ${ours.text} instead of ${texts.at(-1)}`);
  if (ours.isDeleted !== (deleted !== undefined)) problems.push(`${key} is ${deleted ? 'not ' : ''}marked as deleted`);
  if (!deleted && ours.isPinned !== pinned) problems.push(`${key} is ${pinned ? 'not ' : ''}pinned`);
  let at = 0;
  for (const text of [...ours.versions, ours.text]) {
    const found = texts.indexOf(text, at);
    if (found < 0) problems.push(`${key} never said ${text} after version ${at}`);
    at = found + 1;
  }
  return problems;
}
