/** What is owed of a chat is its wanted range without what was read; a chat that cannot be read is reported with its reason. */
import { expect, test } from 'vitest';
import { judgeChat } from './judge-chat.js';

type Chat = Parameters<typeof judgeChat>[0];

const chat: Chat = {
  id: 5n,
  title: 'News',
  state: 'ok',
  stateReason: null,
  rangeFrom: 0n,
  rangeTo: 0n,
  topMessage: 100n,
  migratedTo: null,
};
const judge = (more: Partial<Chat>, ...covered: [bigint, bigint][]) =>
  judgeChat(
    { ...chat, ...more },
    covered.map(([from, to]) => ({ from, to })),
    [],
    new Set([5n, 6n]),
  ).map((it) => [it.kind, it.detail].filter(Boolean).join(': '));

test('what is owed is reported range by range, within what is wanted and exists', () => {
  expect(judge({}, [1n, 100n])).toEqual([]);
  expect(judge({}, [1n, 10n], [15n, 99n])).toEqual([
    'range-owed: messages 11 to 14 of News',
    'range-owed: messages 100 to 100 of News',
  ]);
  expect(judge({ rangeFrom: 20n, rangeTo: 50n }, [20n, 50n])).toEqual([]);
  expect(judge({ topMessage: 0n })).toEqual([]);
});

test('a chat that was never surveyed proves nothing; one that cannot be read is reported with the reason', () => {
  expect(judge({ state: 'unknown' })).toEqual(['chat-not-surveyed']);
  expect(judge({ state: 'unreadable', stateReason: 'removed' }, [1n, 100n])).toEqual(['chat-unreadable: removed']);
  expect(judge({ state: 'unreadable', stateReason: 'removed' }, [1n, 90n])).toHaveLength(2);
});

test('a period counts as unread until it is known which ids it has', () => {
  const period = { since: new Date(1000), until: null };
  expect(judge({ ...period, boundsAt: null }, [1n, 100n])).toEqual(['chat-not-surveyed']);
  const known = { ...period, boundsAt: new Date(2000), sinceId: 51n };
  expect(judge(known, [61n, 100n])).toEqual(['range-owed: messages 51 to 60 of News']);
});

test('a group that continues elsewhere is reported until the new one is wanted as well', () => {
  expect(judge({ migratedTo: 7n }, [1n, 100n])).toEqual(['chat-migrated: it continues as 7']);
  expect(judge({ migratedTo: 6n }, [1n, 100n])).toEqual([]);
});

test('what is not visible is reported, but not owed', () => {
  const findings = judgeChat(chat, [{ from: 61n, to: 100n }], [{ from: 1n, to: 60n }], new Set([5n]));
  expect(findings).toEqual([
    { kind: 'range-not-visible', chatId: chat.id, detail: expect.stringContaining('messages 1 to 60') },
  ]);
});
