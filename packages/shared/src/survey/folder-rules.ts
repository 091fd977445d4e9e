/** folder-rules.ts: does a dialog belong to a chat folder? By the rules of core.telegram.org/api/folders. Pure. */
import type { Dialog, Folder, MutedKinds } from '../telegram/index.js';

/** What of a dialog decides. */
export type Judged = Pick<Dialog, 'id' | 'traits'> & { facts: Pick<NonNullable<Dialog['facts']>, 'kind'> | null };

const nothingMuted: MutedKinds = { users: false, groups: false, channels: false };

/** undefined: what is known of the dialog does not decide. */
export function belongs(folder: Folder, dialog: Judged, muted = nothingMuted): boolean | undefined {
  if (folder.included.some((it) => it.id === dialog.id)) return true;
  if (!folder.rules || dialog.traits.isClosed || folder.excluded.includes(dialog.id)) return false;
  const isTaken = isOfKind(folder.rules, dialog);
  return isTaken && !isHidden(folder.rules, dialog, muted);
}

/** Whether the folder takes chats of this kind. A bot is neither a contact nor none; supergroups count as groups. */
function isOfKind(rules: NonNullable<Folder['rules']>, { facts, traits }: Judged): boolean | undefined {
  if (!facts) return undefined;
  if (facts.kind === 'channel') return rules.channels;
  if (facts.kind !== 'user') return rules.groups;
  if (traits.isBot) return rules.bots;
  return traits.isContact ? rules.contacts : rules.nonContacts;
}

/** A mention that was not read shows a chat that is muted, or otherwise read. */
function isHidden(rules: NonNullable<Folder['rules']>, dialog: Judged, muted: MutedKinds): boolean {
  const { isArchived, isUnread, hasUnreadMentions } = dialog.traits;
  if (rules.excludeArchived && isArchived) return true;
  if (hasUnreadMentions) return false;
  return (rules.excludeRead && !isUnread) || (rules.excludeMuted && isMuted(dialog, muted));
}

function isMuted({ facts, traits }: Judged, muted: MutedKinds): boolean {
  if (traits.isMuted !== null) return traits.isMuted;
  if (facts?.kind === 'channel') return muted.channels;
  return facts?.kind === 'user' ? muted.users : muted.groups;
}
