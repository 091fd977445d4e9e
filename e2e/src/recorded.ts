/** recorded.ts: does an archive say what really happened? Compared with the world's own record, which no client ever saw. */
import assert from 'node:assert/strict';
import type { BareDb } from '@tgsync/shared/db/bare';
import type { RecordedMessage, World } from '@tgsync/telegram-emulator';

/** What an archive says of a message. */
interface Archived {
  /** Undefined: kept as it came, for a version that can read it. */
  text: string | undefined;
  /** Why it was deleted, if it was. */
  deleted: string | undefined;
  isPinned: boolean;
  /** What it said before, oldest first. */
  versions: string[];
  /** Its photos and documents that are in their places, and those of its versions. */
  files: Set<string>;
  /** How often each reaction was given. */
  reactions: Record<string, number>;
}

export interface Judgement {
  /** Nothing was lost on the way: every version and every reaction has to be there. */
  isExact?: boolean;
  /** Media workers are there: every file has to be in its place. */
  hasFiles?: boolean;
}

const keyOf = (chatId: bigint, id: bigint | number) => `${chatId}/${id}`;

/** Read while more comes: what belongs to a later message is left out. */
async function archived(db: BareDb): Promise<Map<string, Archived>> {
  const messages = await db.message.findMany();
  const versions = await db.messageVersion.findMany({ orderBy: { version: 'asc' } });
  const found = new Map<string, Archived>();
  for (const { chatId, id, message, deletedAt, deletedReason, raw, mapped } of messages)
    found.set(keyOf(chatId, id), {
      text: mapped ? (message ?? '') : undefined,
      deleted: deletedAt === null ? undefined : (deletedReason ?? 'unknown'),
      isPinned: (raw as { pinned?: boolean }).pinned === true,
      versions: [],
      files: new Set(),
      reactions: reactionsOf(raw as Raw),
    });
  for (const { chatId, messageId, kind, mediaId } of await db.messageMedia.findMany({ where: { link: 'linked' } }))
    found.get(keyOf(chatId, messageId))?.files.add(`${kind} ${mediaId}`);
  for (const { chatId, id, message } of versions) found.get(keyOf(chatId, id))?.versions.push(message ?? '');
  return found;
}

interface Raw {
  reactions?: { results: { reaction: { emoticon?: string }; count: number }[] };
}

function reactionsOf({ reactions }: Raw): Record<string, number> {
  return Object.fromEntries((reactions?.results ?? []).map(({ reaction, count }) => [reaction.emoticon ?? '', count]));
}

/**
 * What differs, one line each; empty: the archive is true. A message that came and went while nobody listened may be missing, and an edit
 * that another one followed.
 */
export async function differencesFromRecord(world: World, db: BareDb, how: Judgement = {}): Promise<string[]> {
  const known = await archived(db);
  const problems: string[] = [];
  for (const it of world.record.messages()) {
    const key = keyOf(it.chatId, it.id);
    const ours = known.get(key);
    known.delete(key);
    if (!ours && (!it.deleted || how.isExact)) problems.push(`${key} is missing`);
    if (ours) problems.push(...(how.isExact ? exactly : differences)(key, it, ours));
    if (ours && how.hasFiles) problems.push(...missingFiles(key, it, ours));
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
  if ((ours.deleted !== undefined) !== (deleted !== undefined))
    problems.push(`${key} is ${deleted ? 'not ' : ''}marked as deleted`);
  if (!deleted && ours.isPinned !== pinned) problems.push(`${key} is ${pinned ? 'not ' : ''}pinned`);
  let at = 0;
  for (const text of [...ours.versions, ours.text]) {
    const found = texts.indexOf(text, at);
    if (found < 0) problems.push(`${key} never said ${text} after version ${at}`);
    at = found + 1;
  }
  return problems;
}

function exactly(key: string, it: RecordedMessage, ours: Archived): string[] {
  const { versions, deleted, reactions } = it;
  const [said, says] = [versions.map(({ text }) => text).join(' → '), [...ours.versions, ours.text].join(' → ')];
  const problems = said === says ? [] : [`${key} said ${says} instead of ${said}`];
  // What a person deletes after its time looks like what deletes itself.
  const reasons: (string | undefined)[] = [deleted?.reason === 'topic' ? 'deleted' : deleted?.reason];
  if (reasons[0] === 'deleted') reasons.push('auto-delete');
  if (!reasons.includes(ours.deleted)) problems.push(`${key} is ${ours.deleted} instead of ${reasons[0]}`);
  const [counts, ourCounts] = [reactions, ours.reactions].map((all) => JSON.stringify(Object.entries(all).sort()));
  if (!deleted && counts !== ourCounts) problems.push(`${key} has reactions ${ourCounts} instead of ${counts}`);
  return problems;
}

/** Of what it says; a version's files are there, too, unless nobody was told of it. */
function missingFiles(
  key: string,
  { versions, deleted }: RecordedMessage,
  { files, versions: kept }: Archived,
): string[] {
  const told = kept.length === versions.length - 1 ? versions : deleted ? [] : versions.slice(-1);
  const missing = told.flatMap((it) => it.media).filter(({ kind, id }) => !files.has(`${kind} ${id}`));
  return missing.map(({ kind, id }) => `${key} has no link to ${kind} ${id}`);
}
