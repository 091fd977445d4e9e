/** mix-fairly.ts: how several chats share one queue. Pure. */
/** Takes one of each list in turn, so that a huge chat starves nobody. */
export function mixFairly<T>(lists: readonly (readonly T[])[]): T[] {
  const mixed: T[] = [];
  const longest = Math.max(0, ...lists.map((it) => it.length));
  for (let index = 0; index < longest; index++) {
    for (const list of lists) if (index < list.length) mixed.push(list[index]!);
  }
  return mixed;
}
