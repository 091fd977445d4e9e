/** The schema and the program agree: no state or kind exists in only one of them. */
import {
  chatKinds,
  chatStates,
  linkStates,
  mediaKinds,
  mediaPlaces,
  mediaStates,
  recheckReasons,
  selectorKinds,
} from '@tgsync/shared/db';
import { mediaCategories } from '@tgsync/shared/rules';
import { expect } from 'vitest';
import { test } from '@tgsync/testing';

const columns: [string, readonly string[]][] = [
  ['photo_state', mediaStates],
  ['document_state', mediaStates],
  ['document_category', mediaCategories.filter((it) => it !== 'photo')],
  ['message_media_kind', mediaKinds],
  ['media_access_kind', mediaKinds],
  ['message_media_link', linkStates],
  ['message_media_via', mediaPlaces],
  // unknown: config.json names it, but nothing is known about it yet.
  ['chat_kind', [...chatKinds, 'unknown']],
  ['dialog_state', chatStates],
  ['selector_kind', selectorKinds],
  ['recheck_reason', recheckReasons],
  ['peer_kind', [...chatKinds, 'unknown']],
];

test('states and kinds are the same lists in the schema and in the program', async ({ db }) => {
  const checks = await db.$queryRaw<{ name: string; text: string }[]>`
    SELECT conname AS name, pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE contype = 'c'`;
  for (const [name, words] of columns) {
    const text = checks.find((it) => it.name === name)?.text ?? '';
    expect([...text.matchAll(/'([^']*)'/g)].map((it) => it[1]).sort(), name).toEqual([...words].sort());
  }
});
