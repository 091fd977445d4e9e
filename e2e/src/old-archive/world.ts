/**
 * world.ts: the Telegram behind archive.json.gz, which an earlier version created. Whatever determines ids, access hashes and bytes must stay
 * as it is: that version is gone, and cannot create another archive.
 */
import { type Chat, type DocumentFile, World } from '@tgsync/telegram-emulator';

export interface OldWorld {
  world: World;
  chats: Chat[];
  /** In two chats; the person deleted it everywhere. */
  deleted: DocumentFile;
  /** Four parts, some of which the earlier version had downloaded. */
  half: DocumentFile;
}

export function oldWorld(): OldWorld {
  const world = new World({ seed: 'an old archive', now: () => 1_795_000_000, startDate: 1_704_067_200 });
  const channel = world.addChannel({ title: 'News', id: 1_000_001n });
  const talk = world.addSupergroup({ title: 'Talk', id: 1_000_002n });
  const group = world.addGroup({ title: 'Family', id: 2_000_001n });
  const friend = world.addUser({ title: 'Friend', id: 3_000_001n });
  const chats = [channel, talk, group, friend];
  const deleted = world.addDocument({ id: 5_000_001n, dc: 2, size: 3000, name: 'deleted.txt' });
  const half = world.addDocument({ id: 5_000_002n, dc: 4, size: 3 * 524_288 + 1000, name: 'half.bin' });
  const shared = world.addDocument({ id: 5_000_003n, dc: 2, size: 4000, name: 'shared.txt' });
  for (const [at, chat] of chats.entries()) {
    chat.addMessages(40);
    for (let nth = 0; nth < 5; nth++) {
      const photo = world.addPhoto({ id: BigInt(6_000_000 + at * 100 + nth), dc: 2, size: 2500 });
      chat.addMessage({ text: `photo ${nth}`, photo });
    }
    chat.addMessage({ text: 'shared', document: shared });
  }
  channel.addMessage({ text: 'to be deleted', document: deleted });
  friend.addMessage({ text: 'to be deleted', document: deleted });
  group.addMessage({ text: 'half', document: half });
  return { world, chats, deleted, half };
}

/** The archive was to contain only these ids. */
export const ranges = (chats: readonly Chat[]): Record<string, { range?: [number, number] }> =>
  Object.fromEntries(chats.map((it, at) => [it.id.toString(), at === 0 ? { range: [10, 0] } : {}]));
