/** choose-chats.ts: which chats do the keys of tg.chats mean together, and by which key? Pure. */
import { type SelectorKind, selectorKinds } from './words.js';

export interface Choice {
  kind: SelectorKind;
  /** Its place in tg.chats. */
  position: number;
  chatIds: readonly bigint[];
}

/**
 * Each chat once. The key that names it most closely decides what is wanted of it: its id before its name, a folder, and "*"; among equals the
 * first one of tg.chats.
 */
export function chooseChats<T extends Choice>(choices: readonly T[]): Map<bigint, T> {
  const rank = (it: Choice) => selectorKinds.indexOf(it.kind);
  const chosen = new Map<bigint, T>();
  for (const choice of choices.toSorted((a, b) => rank(a) - rank(b) || a.position - b.position)) {
    for (const id of choice.chatIds) if (!chosen.has(id)) chosen.set(id, choice);
  }
  return chosen;
}
