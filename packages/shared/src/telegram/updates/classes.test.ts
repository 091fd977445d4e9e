/** Every update of the schema has its place, and no other has one. */
import { expect, test } from 'vitest';
import { definitions } from '../wire/layer.js';
import { Api, tlobjects } from '../wire/gramjs.js';
import { classified, classOf } from './classes.js';

/** The constructors of a type, by GramJS's classes. */
const constructorsOf = (type: string): string[] =>
  Object.values(tlobjects as Record<string, { className?: string; SUBCLASS_OF_ID?: number; CONSTRUCTOR_ID?: number }>)
    .filter(
      (it) =>
        it.SUBCLASS_OF_ID === (Api as unknown as Record<string, { SUBCLASS_OF_ID: number }>)[type]!.SUBCLASS_OF_ID,
    )
    .map((it) => it.className!);

test('every constructor of Update has a class, and only those of the schema have one', () => {
  const all = constructorsOf('UpdateNewMessage');
  expect(all.length).toBeGreaterThan(150);
  expect(all.filter((it) => !classOf(it))).toEqual([]);
  expect([...classified].filter((it) => !all.includes(it))).toEqual([]);
});

test('what is in a box by pts has pts and pts_count', () => {
  const fields = new Map(
    [...definitions.values()].map((it) => [it.constructorId, Object.keys(it.argsConfig)] as const),
  );
  for (const name of classified) {
    const { CONSTRUCTOR_ID } = (Api as unknown as Record<string, { CONSTRUCTOR_ID: number }>)[name]!;
    const has = (field: string) => fields.get(CONSTRUCTOR_ID)!.includes(field);
    const isInBox = ['common', 'channel'].includes(classOf(name)!);
    expect([name, has('pts') && has('ptsCount')]).toEqual([name, isInBox]);
    if (has('qts')) expect(['secret', 'bot']).toContain(classOf(name));
  }
});
