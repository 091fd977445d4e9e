/**
 * folder.ts: a chat folder of the account, by the rules of core.telegram.org/api/folders: what a client may save, and how it is
 * told. Which chats are in it is for clients to find out.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat } from './chat.js';

/** What a test says of a folder. */
export interface NewFolder {
  readonly title: string;
  readonly pinned?: readonly Chat[];
  readonly include?: readonly Chat[];
  readonly exclude?: readonly Chat[];
  readonly contacts?: boolean;
  readonly nonContacts?: boolean;
  readonly groups?: boolean;
  readonly broadcasts?: boolean;
  readonly bots?: boolean;
  readonly excludeMuted?: boolean;
  readonly excludeRead?: boolean;
  readonly excludeArchived?: boolean;
  /** A folder that can be shared: it lists its chats and has no rules. */
  readonly chatlist?: boolean;
}

const FLAGS = {
  contacts: 'contacts',
  nonContacts: 'non_contacts',
  groups: 'groups',
  broadcasts: 'broadcasts',
  bots: 'bots',
  excludeMuted: 'exclude_muted',
  excludeRead: 'exclude_read',
  excludeArchived: 'exclude_archived',
} as const;
const MOST_CHATS = 200;

/** Throws, by the error's name, for what messages.updateDialogFilter would refuse. */
export function checkFolder(it: NewFolder): void {
  const { title, pinned = [], include = [], exclude = [] } = it;
  if (!title || title.length > 12)
    throw new Error(`FILTER_TITLE_EMPTY: 1 to 12 characters, not ${JSON.stringify(title)}`);
  const takes = it.contacts || it.nonContacts || it.groups || it.broadcasts || it.bots;
  if (!takes && pinned.length + include.length === 0) throw new Error('FILTER_INCLUDE_EMPTY');
  const flags = Object.keys(FLAGS).some((flag) => it[flag as keyof typeof FLAGS]);
  if (it.chatlist && (flags || exclude.length > 0))
    throw new Error('FILTER_NOT_SUPPORTED: a shared folder only lists chats');
  const all = [...pinned, ...include, ...exclude];
  if (new Set(all).size < all.length) throw new Error('a chat is in one of the lists only');
  if (pinned.length + include.length > MOST_CHATS || exclude.length > MOST_CHATS)
    throw new Error('FILTER_INCLUDE_TOO_MUCH');
}

/** A `DialogFilter` of the schema. */
export function folderTl(it: NewFolder, id: number): TlObject {
  const inputs = (chats: readonly Chat[] = []): TlObject[] => chats.map(inputPeerTl);
  const listed = {
    id,
    title: { _: 'textWithEntities', text: it.title, entities: [] },
    pinned_peers: inputs(it.pinned),
    include_peers: inputs(it.include),
  };
  if (it.chatlist) return { _: 'dialogFilterChatlist', ...listed };
  const flags = Object.entries(FLAGS).map(([ours, theirs]) => [theirs, it[ours as keyof typeof FLAGS] || undefined]);
  return { _: 'dialogFilter', ...listed, ...Object.fromEntries(flags), exclude_peers: inputs(it.exclude) } as TlObject;
}

function inputPeerTl(chat: Chat): TlObject {
  if (chat.user?.self) return { _: 'inputPeerSelf' };
  if (chat.kind === 'user') return { _: 'inputPeerUser', user_id: chat.bareId, access_hash: chat.accessHash };
  if (chat.kind === 'group') return { _: 'inputPeerChat', chat_id: chat.bareId };
  return { _: 'inputPeerChannel', channel_id: chat.bareId, access_hash: chat.accessHash };
}
