/** nearest-names.ts: for a username that nobody has, finds the known ones that were probably meant. Pure. */
import { distance } from './edit-distance.js';

interface Named {
  title: string;
  username: string;
}

export function nearestNames<T extends Named>(name: string, chats: readonly T[], most = 3): T[] {
  return chats
    .map((chat) => ({ chat, distance: distance(name.toLowerCase(), chat.username.toLowerCase()) }))
    .filter((it) => it.distance <= 2)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map((it) => it.chat);
}
