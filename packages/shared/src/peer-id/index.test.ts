/** Marked ids by Telegram's own arithmetic, to the last digit. */
import bigInt from 'big-integer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Api } from '../telegram/wire/gramjs.js';
import { channelMarkedId, groupMarkedId, hasOwnMessageIds, markedId, unmark, userMarkedId } from './index.js';

const base = 10n ** 12n;
/** Ids as servers send them: those of users and channels may be far beyond the exact range of a number. */
const userIds = fc.bigInt(1n, 2n ** 62n);
const groupIds = fc.bigInt(1n, base - 1n);
const channelIds = fc.bigInt(1n, 2n ** 62n);

test.each([
  [new Api.PeerUser({ userId: bigInt(123456789) }), 123456789n],
  [new Api.PeerChat({ chatId: bigInt(4567) }), -4567n],
  [new Api.PeerChannel({ channelId: bigInt(1234567890) }), -1001234567890n],
  [new Api.PeerChannel({ channelId: bigInt(5) }), -1000000000005n],
  [new Api.PeerChannel({ channelId: bigInt('12345678901') }), -1012345678901n],
  [new Api.PeerUser({ userId: bigInt('9007199254740993') }), 9007199254740993n],
  [new Api.PeerChannel({ channelId: bigInt('9007199254740993') }), -9008199254740993n],
])('%o', (peer, id) => {
  expect(markedId(peer)).toBe(id);
});

test('the kind and the bare id are recovered from a marked id', () => {
  fc.assert(
    fc.property(userIds, groupIds, channelIds, (user, group, channel) => {
      expect(unmark(userMarkedId(bigInt(user)))).toEqual({ kind: 'user', bareId: user });
      expect(unmark(groupMarkedId(bigInt(group)))).toEqual({ kind: 'group', bareId: group });
      expect(unmark(channelMarkedId(bigInt(channel)))).toEqual({ kind: 'channel', bareId: channel });
    }),
  );
});

test('only channels and supergroups have message ids of their own', () => {
  expect(hasOwnMessageIds(-base - 1n)).toBe(true);
  expect(hasOwnMessageIds(-base + 1n)).toBe(false);
  expect(hasOwnMessageIds(-1n)).toBe(false);
  expect(hasOwnMessageIds(base + 5n)).toBe(false);
});

test('an id that exceeds 64 bits is rejected', () => {
  const most = 2n ** 63n - 1n;
  expect(channelMarkedId(most - 1_000_000_000_000n)).toBe(-most);
  expect(() => channelMarkedId(most)).toThrow(RangeError);
  expect(() => markedId({ chatId: -(2n ** 63n) })).toThrow(RangeError);
});
