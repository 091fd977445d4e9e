/** A chat that several keys of tg.chats name is wanted once, as the closest one says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseChats } from './choose-chats.js';
import { selectorKinds } from './words.js';

test('an id decides before a name, a folder and everything, wherever they are', () => {
  const all = { kind: 'all', position: 0, chatIds: [1n, 2n, 3n, 4n] } as const;
  const folder = { kind: 'folder', position: 1, chatIds: [1n, 2n, 3n] } as const;
  const name = { kind: 'name', position: 2, chatIds: [2n] } as const;
  const id = { kind: 'id', position: 3, chatIds: [1n] } as const;
  const chosen = chooseChats([all, folder, name, id]);
  expect([1n, 2n, 3n, 4n].map((it) => chosen.get(it)?.kind)).toEqual(['id', 'name', 'folder', 'all']);
});

test('every chat that a key names is chosen once, and no key that comes first in rank and order is passed over', () => {
  const choice = fc.record({
    kind: fc.constantFrom(...selectorKinds),
    chatIds: fc.uniqueArray(fc.bigInt(1n, 9n), { maxLength: 5 }),
  });
  fc.assert(
    fc.property(fc.array(choice), (given) => {
      const choices = given.map((it, position) => ({ ...it, position }));
      const chosen = chooseChats(choices);
      expect([...chosen.keys()].toSorted()).toEqual([...new Set(choices.flatMap((it) => it.chatIds))].toSorted());
      for (const [id, by] of chosen) {
        const closer = (it: (typeof choices)[number]) =>
          selectorKinds.indexOf(it.kind) < selectorKinds.indexOf(by.kind) ||
          (it.kind === by.kind && it.position < by.position);
        expect(by.chatIds).toContain(id);
        expect(choices.filter((it) => it.chatIds.includes(id) && closer(it))).toEqual([]);
      }
    }),
  );
});
