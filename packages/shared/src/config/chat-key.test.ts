/** All ways to name a chat in tg.chats mean the same, and what names none is refused with what to do. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalKey, readChatKey } from './chat-key.js';

const canonical = (text: string) => {
  const key = readChatKey(text);
  return typeof key === 'string' ? key : canonicalKey(key);
};

test.each([
  ['-1001234567890', '-1001234567890'],
  ['@Cat_Pictures', '@cat_pictures'],
  ['https://t.me/Cat_Pictures', '@cat_pictures'],
  ['http://www.t.me/cat_pictures/', '@cat_pictures'],
  ['t.me/cat_pictures', '@cat_pictures'],
  ['https://t.me/cat_pictures/123?single', '@cat_pictures'],
  ['https://t.me/s/cat_pictures', '@cat_pictures'],
  ['https://telegram.me/cat_pictures', '@cat_pictures'],
  ['https://telegram.dog/cat_pictures', '@cat_pictures'],
  ['https://cat_pictures.t.me/5', '@cat_pictures'],
  ['tg://resolve?domain=cat_pictures&post=5', '@cat_pictures'],
  ['tg:resolve?domain=cat_pictures', '@cat_pictures'],
  ['https://t.me/c/1234567890/55', '-1001234567890'],
  ['https://t.me/c/1234567890', '-1001234567890'],
  ['tg://privatepost?channel=1234567890&post=5', '-1001234567890'],
  ['folder:Work & family', 'folder:Work & family'],
  ['folder: News ', 'folder:News'],
  ['*', '*'],
])('%s is %s', (text, expected) => {
  expect(canonical(text)).toBe(expected);
});

test.each([
  ['https://t.me/+AbCdEf', 'join the chat, then use its id'],
  ['https://t.me/%2BAbCdEf', 'join the chat, then use its id'],
  ['t.me/joinchat/AbCdEf', 'join the chat, then use its id'],
  ['tg://join?invite=AbCdEf', 'join the chat, then use its id'],
  ['https://t.me/addstickers/cats', 'does not lead to a chat'],
  ['https://t.me/', 'does not lead to a chat'],
  ['https://t.me/c/cats', 'does not lead to a chat'],
  ['tg://settings', 'does not lead to a chat'],
  ['https://example.org/cats', 'not a chat; expected an id'],
  ['ftp://t.me/cats', 'not a chat; expected an id'],
  ['https://not-t.me/cats', 'not a chat; expected an id'],
  ['cats', 'not a chat; expected an id'],
  ['', 'not a chat; expected an id'],
  ['@', 'a username has letters'],
  ['@no way', 'a username has letters'],
  ['folder:', 'the name of a chat folder'],
  ['0', 'must be a whole number'],
  ['+5', 'must be a whole number'],
  ['12345678901234567', 'must be a whole number'],
])('%s is refused: %s', (text, problem) => {
  expect(readChatKey(text)).toContain(problem);
});

test('reading the canonical form gives the same key, and no text throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((it) => `https://t.me/${it}`),
        fc.webUrl(),
      ),
      (text) => {
        const key = readChatKey(text);
        if (typeof key !== 'string') expect(readChatKey(canonicalKey(key))).toEqual(key);
      },
    ),
  );
});
