/** Every container becomes the same list of updates, in the order of the boxes. */
import bigInt from 'big-integer';
import { describe, expect, test } from 'vitest';
import { Api } from '../wire/gramjs.js';
import { messageRow } from '../map/message.js';
import { type Unpacked, unpacked } from './containers.js';

const self = 77n;
const user = (id: number) => new Api.PeerUser({ userId: bigInt(id) });
const message = (id: number, peerId: Api.TypePeer) => new Api.Message({ id, peerId, date: 5, message: `m${id}` });
const inCommon = (pts: number, ptsCount = 1) =>
  new Api.UpdateNewMessage({ message: message(pts, user(1)), pts, ptsCount });
const inChannel = (channel: number, pts: number) =>
  new Api.UpdateNewChannelMessage({
    message: message(pts, new Api.PeerChannel({ channelId: bigInt(channel) })),
    pts,
    ptsCount: 1,
  });
const views = new Api.UpdateChannelMessageViews({ channelId: bigInt(9), id: 1, views: 5 });
const container = (updates: Api.TypeUpdate[], seq = 0) =>
  new Api.Updates({ updates, users: [], chats: [], date: 9, seq });

test('boxes come in the order of what they continue, then everything else', () => {
  const [a, b, c] = [inCommon(11), inCommon(12), inCommon(15, 3)];
  const [d, e, f] = [inChannel(4, 8), inChannel(4, 9), inChannel(5, 3)];
  const mixed = container([views, f, c, e, b, d, a], 3);
  expect((unpacked(mixed, self) as Unpacked).updates).toEqual([a, b, c, d, e, f, views]);
});

test('the numbers of containers', () => {
  const common = { users: [], chats: [], date: 9 };
  expect(unpacked(container([], 3), self)).toMatchObject({ seqStart: 3, seq: 3, date: 9 });
  expect(unpacked(container([], 0), self)).toMatchObject({ seqStart: 0, seq: 0 });
  const combined = (seqStart: number, seq: number) =>
    new Api.UpdatesCombined({ updates: [], ...common, seqStart, seq });
  expect(unpacked(combined(3, 5), self)).toMatchObject({ seqStart: 3, seq: 5 });
  expect(unpacked(combined(6, 5), self)).toBe('difference');
  expect(unpacked(combined(-1, 5), self)).toBe('difference');
});

test('a short update has no date to remember', () => {
  const short = new Api.UpdateShort({ update: views, date: 99 });
  expect(unpacked(short, self)).toEqual({
    updates: [views],
    users: [],
    chats: [],
    seqStart: 0,
    seq: 0,
    date: undefined,
  });
});

test('the server may say that it does not tell', () => {
  expect(unpacked(new Api.UpdatesTooLong(), self)).toBe('difference');
  const sent = new Api.UpdateShortSentMessage({ id: 1, pts: 2, ptsCount: 1, date: 3 });
  expect(unpacked(sent, self)).toBe('difference');
  expect(unpacked({ className: 'Nothing' }, self)).toBeUndefined();
});

describe('short messages are whole messages', () => {
  const fields = {
    mentioned: true,
    silent: true,
    id: 5,
    message: 'hello',
    pts: 8,
    ptsCount: 1,
    date: 100,
    replyTo: new Api.MessageReplyHeader({ replyToMsgId: 3 }),
    entities: [new Api.MessageEntityBold({ offset: 0, length: 5 })],
    ttlPeriod: 60,
    viaBotId: bigInt(12),
  };
  const rowOf = (pushed: unknown) => {
    const [update] = (unpacked(pushed, self) as Unpacked).updates as [Api.UpdateNewMessage];
    expect(update).toMatchObject({ pts: 8, ptsCount: 1 });
    return messageRow(update.message, self, new Date(0))!;
  };
  const expected = { id: 5n, message: 'hello', replyToMsgId: 3n, viaBotId: 12n, date: new Date(100_000) };

  test('received, in a private chat', () => {
    expect(rowOf(new Api.UpdateShortMessage({ ...fields, userId: bigInt(1) }))).toMatchObject({
      ...expected,
      senderId: 1n,
    });
  });
  test('sent, in a private chat', () => {
    const row = rowOf(new Api.UpdateShortMessage({ ...fields, out: true, userId: bigInt(1) }));
    expect(row).toMatchObject({ ...expected, senderId: self });
    expect(row.raw).toMatchObject({ out: true, ttlPeriod: 60, mentioned: true, silent: true });
  });
  test('in a basic group', () => {
    const row = rowOf(new Api.UpdateShortChatMessage({ ...fields, fromId: bigInt(2), chatId: bigInt(6) }));
    expect(row).toMatchObject({ ...expected, senderId: 2n });
    expect(row.raw).toMatchObject({ peerId: { chatId: '6' } });
  });
});
