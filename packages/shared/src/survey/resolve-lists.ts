/**
 * resolve-lists.ts: which chats are in the folders of tg.chats, and in "*"? A chat leaves only by a complete answer that says so: one that is
 * missing from the list of dialogs, or a folder that is gone, proves nothing.
 */
import { recordResolved, recordUnresolved, type NamedChat, type SelectorRow } from '../db/index.js';
import { type Dialog, type Folder, getFolders, getMutedKinds, isOfItem } from '../telegram/index.js';
import type { Context, Deps } from './deps.js';
import { belongs } from './folder-rules.js';
import { leftChats } from './left-chats.js';
import { isLeftOut } from './left-out.js';

/** Walks the dialogs once, however many ask. */
export type AllDialogs = () => Promise<readonly Dialog[]>;

type Work = Deps & { dialogs: AllDialogs };

/** Throws a RetryAfterError on a flood wait, and whatever is no single folder's fault. */
export async function resolveFolders(work: Work, selectors: readonly SelectorRow[], context: Context): Promise<void> {
  if (selectors.length === 0) return;
  const { folders, unread } = await getFolders(work.account, context.signal).catch((error: unknown) => {
    if (!isOfItem(error)) throw error;
    return { folders: [], unread: (error as Error).message };
  });
  for (const selector of selectors) {
    const same = folders.filter((it) => `folder:${it.title.trim()}` === selector.text);
    if (same.length === 0) await reportMissing(work, selector, { folders, unread }, context);
    else await record(work, selector, await membersOf(work, selector, same, context), same, context);
  }
}

/** "*". `names`: those it leaves out, resolved as far as possible. */
export async function resolveEverything(
  work: Work,
  selector: SelectorRow,
  names: readonly SelectorRow[],
  context: Context,
): Promise<void> {
  const left = names.filter((it) => selector.exclude.includes(it.text)).flatMap((it) => it.chatIds.map(String));
  const exclude = new Set([...selector.exclude, ...left]);
  const before = new Set(selector.chatIds);
  const isMember = (it: Dialog) => {
    const isOut = isLeftOut(exclude, it);
    // What can no longer be read stays if it was there, with that reason; it is not worth being added.
    return isOut === undefined || it.traits.isClosed ? isOut !== true && before.has(it.id) : !isOut;
  };
  const dialogs = await work.dialogs();
  const members = dialogs.filter(isMember).map((it) => it.id);
  const missing = selector.chatIds.filter((id) => !exclude.has(id.toString()));
  await record(work, selector, [...members, ...(await stillThere(work, missing, dialogs, context))], [], context);
}

async function membersOf(
  work: Work,
  selector: SelectorRow,
  folders: readonly Folder[],
  context: Context,
): Promise<bigint[]> {
  const members = folders.flatMap((it) => it.included.map(({ id }) => id));
  if (!folders.some((it) => it.rules)) return members;
  const asksMuted = folders.some((it) => it.rules?.excludeMuted);
  const muted = asksMuted ? await getMutedKinds(work.account, context.signal) : undefined;
  const dialogs = await work.dialogs();
  const before = new Set(selector.chatIds);
  for (const dialog of dialogs) {
    const verdicts = new Set(folders.map((it) => belongs(it, dialog, muted)));
    const isClosed = dialog.traits.isClosed && !folders.some((it) => it.excluded.includes(dialog.id));
    const isUndecided = verdicts.has(undefined) || isClosed;
    if (verdicts.has(true) || (isUndecided && before.has(dialog.id))) members.push(dialog.id);
  }
  const excluded = new Set(folders.filter((it) => it.rules).flatMap((it) => it.excluded));
  const missing = selector.chatIds.filter((id) => !members.includes(id) && !excluded.has(id));
  return [...members, ...(await stillThere(work, missing, dialogs, context))];
}

/** Of chats that were meant before, those that are not in the list and were not left. */
async function stillThere(
  work: Work,
  ids: readonly bigint[],
  dialogs: readonly Dialog[],
  context: Context,
): Promise<bigint[]> {
  const listed = new Set(dialogs.map((it) => it.id));
  const absent = ids.filter((it) => !listed.has(it));
  const left = await leftChats(work, absent, context);
  return absent.filter((it) => !left.has(it));
}

async function record(
  { db }: Work,
  { text }: SelectorRow,
  members: readonly bigint[],
  folders: readonly Folder[],
  { log }: Context,
): Promise<void> {
  const chats: NamedChat[] = folders.flatMap((it) => it.included);
  const { added, dropped } = await recordResolved(db, text, [...new Set(members)], { chats });
  if (added.length + dropped.length === 0) return;
  log.info({ selector: text, added, dropped }, 'chats of a folder or of everything have changed');
}

async function reportMissing(
  { db }: Work,
  { text, problem, chatIds }: SelectorRow,
  { folders, unread }: { folders: readonly Folder[]; unread: string | null },
  { log }: Context,
): Promise<void> {
  const titles = folders.map((it) => it.title).join(', ');
  const why = unread
    ? `Telegram's answer about chat folders has ${unread}`
    : `there is no chat folder of this name${titles ? ` (there are: ${titles})` : ''}`;
  const reason = chatIds.length > 0 ? `${why}; the chats it had are still archived` : why;
  await recordUnresolved(db, text, reason, 0);
  if (reason !== problem) log.warn({ selector: text, reason }, 'folder cannot be resolved');
}
