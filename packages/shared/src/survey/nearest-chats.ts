/** nearest-chats.ts: for an unknown chat id, finds the known ids that were probably meant. Pure. */

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

/** How many digits must be changed, added or left out. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
