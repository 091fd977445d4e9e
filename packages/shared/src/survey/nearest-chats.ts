/** nearest-chats.ts: for an unknown chat id, finds the known ids that were probably meant. Pure. */

import { distance } from './edit-distance.js';

interface Named {
  id: bigint;
  title: string;
}

/** Ids with the same digits behind another sign or prefix first, then those that differ in few digits. */
export function nearestChats(id: bigint, chats: readonly Named[], most = 3): Named[] {
  const wanted = bareDigits(id);
  const ranked = chats.map((chat) => ({ chat, distance: distance(wanted, bareDigits(chat.id)) }));
  return ranked
    .filter((it) => it.distance <= 2)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map((it) => it.chat);
}

function bareDigits(id: bigint): string {
  return id
    .toString()
    .replace('-', '')
    .replace(/^100(?=\d{9,})/, '');
}
