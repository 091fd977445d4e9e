/** Messages of every kind → rows: who, when, in reply to what, forwarded from where; unreadable ones are kept raw. */
import bigInt from 'big-integer';
import { expect, test } from 'vitest';
import { Api } from '../wire/gramjs.js';
import { messageRow } from './message.js';

const self = 777n;
const now = new Date(1_700_000_000_000);
const user = (id: number | string) => new Api.PeerUser({ userId: bigInt(`${id}`) });
const group = (id: number | string) => new Api.PeerChat({ chatId: bigInt(`${id}`) });
const channel = (id: number | string) => new Api.PeerChannel({ channelId: bigInt(`${id}`) });

type Parts = Partial<ConstructorParameters<typeof Api.Message>[0]>;
const message = (parts: Parts = {}) =>
  new Api.Message({ id: 7, peerId: user(5), date: 1_700_000_000, message: 'hi', ...parts });
const row = (parts: Parts = {}) => messageRow(message(parts), self, now)!;
const forwarded = (parts: object) => row({ fwdFrom: new Api.MessageFwdHeader({ date: 1_600_000_000, ...parts }) });
const replied = (parts: object) => row({ replyTo: new Api.MessageReplyHeader(parts) });

test('a plain message leaves absent fields empty', () => {
  const { raw, ...rest } = row();
  expect(rest).toEqual({
    id: 7n,
    senderId: 5n,
    date: new Date('2023-11-14T22:13:20Z'),
    editDate: null,
    message: 'hi',
    entities: null,
    replyToMsgId: null,
    replyToChatId: null,
    replyToSenderId: null,
    fwdFromMsgId: null,
    fwdFromChatId: null,
    fwdFromSenderId: null,
    fwdFromName: null,
    fwdFromDate: null,
    groupedId: null,
    topicId: null,
    viaBotId: null,
    postAuthor: null,
    views: null,
    forwards: null,
    action: null,
    mediaType: null,
    rawLayer: 227,
    mapped: true,
    unreadConstructor: null,
    askAgainAt: null,
    media: [],
  });
  expect(raw).toEqual({
    _: 'Message',
    id: 7,
    peerId: { _: 'PeerUser', userId: '5' },
    date: 1_700_000_000,
    message: 'hi',
  });
});

test('every field of a message is kept, every digit', () => {
  const full = row({
    editDate: 1_700_000_001,
    entities: [new Api.MessageEntityTextUrl({ offset: 0, length: 2, url: 'http://x/\0' })],
    groupedId: bigInt('9007199254740993'),
    viaBotId: bigInt('9007199254740995'),
    postAuthor: 'A\0B',
    views: 0,
    forwards: 3,
    media: new Api.MessageMediaDice({ value: 6, emoticon: '🎲' }),
  });
  expect(full).toMatchObject({
    editDate: new Date('2023-11-14T22:13:21Z'),
    entities: [{ _: 'MessageEntityTextUrl', offset: 0, length: 2, url: 'http://x/\uFFFD' }],
    groupedId: 9007199254740993n,
    viaBotId: 9007199254740995n,
    postAuthor: 'A\uFFFDB',
    views: 0,
    forwards: 3,
    mediaType: 'MessageMediaDice',
    mapped: true,
  });
});

test('a text that Postgres would refuse is stored, with U+FFFD for what it cannot hold', () => {
  expect(row({ message: 'a\0b\uD83D' }).message).toBe('a\uFFFDb\uFFFD');
  expect(JSON.stringify(row({ message: 'a\0b\uD83D' }).raw)).not.toMatch(/\\u0000|\\ud83d/i);
});

test('an empty message has no row', () => {
  expect(messageRow(new Api.MessageEmpty({ id: 5 }), self, now)).toBeUndefined();
});

test.each<[string, Parts, bigint]>([
  ['the other side of a private chat', { peerId: user(5) }, 5n],
  ['we, in a private chat', { peerId: user(5), out: true }, self],
  ['a member of a group', { peerId: group(9), fromId: user('9007199254740993') }, 9007199254740993n],
  ['a channel', { peerId: channel(12), post: true }, -1000000000012n],
  ['a channel, by our own hand', { peerId: channel(12), post: true, out: true }, -1000000000012n],
  ['a channel that speaks in a group', { peerId: channel(12), fromId: channel(13) }, -1000000000013n],
  ['a group, as an anonymous admin', { peerId: group(9) }, -9n],
])('the sender is %s', (_who, parts, senderId) => {
  expect(row(parts).senderId).toBe(senderId);
});

test('a reply has the message id, and the chat and sender if they differ', () => {
  expect(replied({ replyToMsgId: 4 })).toMatchObject({
    replyToMsgId: 4n,
    replyToChatId: null,
    replyToSenderId: null,
    topicId: null,
  });
  const elsewhere = {
    replyToMsgId: 4,
    replyToPeerId: channel(12),
    replyFrom: new Api.MessageFwdHeader({ date: 1, fromId: user('9007199254740993') }),
  };
  expect(replied(elsewhere)).toMatchObject({
    replyToMsgId: 4n,
    replyToChatId: -1000000000012n,
    replyToSenderId: 9007199254740993n,
  });
  expect(replied({ quote: true, quoteText: 'x' })).toMatchObject({ replyToMsgId: null, mapped: true });
});

test('the topic of a forum: its first message, also for replies within it', () => {
  expect(replied({ forumTopic: true, replyToMsgId: 4 }).topicId).toBe(4n);
  expect(replied({ forumTopic: true, replyToMsgId: 9, replyToTopId: 4 })).toMatchObject({
    topicId: 4n,
    replyToMsgId: 9n,
  });
  expect(replied({ replyToMsgId: 9, replyToTopId: 4 }).topicId).toBeNull(); // a thread of comments
});

test('a reply to a story is not a reply to a message', () => {
  const story = row({ replyTo: new Api.MessageReplyStoryHeader({ peer: user(6), storyId: 3 }) });
  expect(story).toMatchObject({ replyToMsgId: null, mapped: true });
  expect(story.raw).toMatchObject({ replyTo: { _: 'MessageReplyStoryHeader', storyId: 3 } });
});

const forward = { fwdFromMsgId: null, fwdFromChatId: null, fwdFromSenderId: null, fwdFromName: null };
const fwdFromDate = new Date('2020-09-13T12:26:40Z');

test.each([
  ['a user', { fromId: user('9007199254740993') }, { ...forward, fwdFromSenderId: 9007199254740993n }],
  [
    'a channel',
    { fromId: channel(12), channelPost: 44, postAuthor: 'x' },
    { ...forward, fwdFromChatId: -1000000000012n, fwdFromMsgId: 44n },
  ],
  ['a group whose admin is anonymous', { fromId: channel(13) }, { ...forward, fwdFromChatId: -1000000000013n }],
  ['one who hides', { fromName: 'Ma\0x' }, { ...forward, fwdFromName: 'Ma\uFFFDx' }],
  ['nobody that is told', {}, forward],
])('forwarded from %s', (_who, header, expected) => {
  expect(forwarded(header)).toMatchObject({ ...expected, fwdFromDate, mapped: true });
});

test('a service message says what happened', () => {
  const parts = { id: 8, peerId: group(9), fromId: user(5), date: 1_700_000_000 };
  const pinned = new Api.MessageService({
    ...parts,
    replyTo: new Api.MessageReplyHeader({ replyToMsgId: 3 }),
    action: new Api.MessageActionPinMessage(),
  });
  expect(messageRow(pinned, self, now)).toMatchObject({
    id: 8n,
    senderId: 5n,
    date: new Date('2023-11-14T22:13:20Z'),
    message: '',
    replyToMsgId: 3n,
    action: 'MessageActionPinMessage',
    mediaType: null,
    mapped: true,
  });
  const titled = new Api.MessageService({ ...parts, action: new Api.MessageActionChatEditTitle({ title: 'New\0' }) });
  expect(messageRow(titled, self, now)!.raw).toMatchObject({
    action: { _: 'MessageActionChatEditTitle', title: 'New\uFFFD' },
  });
});

test('a message has its media', () => {
  const document = new Api.Document({
    id: bigInt('9007199254740993'),
    accessHash: bigInt(1),
    fileReference: Buffer.from('r'),
    date: 1,
    mimeType: 'a/b',
    size: bigInt(5),
    dcId: 1,
    attributes: [],
  });
  expect(row({ media: new Api.MessageMediaDocument({ document }) })).toMatchObject({
    mediaType: 'MessageMediaDocument',
    media: [{ kind: 'document', id: 9007199254740993n }],
  });
});

test('a message that cannot be read is kept raw and marked, and holds up nothing', () => {
  const unknown = { className: 'PeerOfTomorrow', originalArgs: { tomorrowId: bigInt('9007199254740993') } };
  const fwdFrom = new Api.MessageFwdHeader({ date: 1, fromId: unknown as never });
  expect(row({ fwdFrom, message: 'lost?', editDate: 5 })).toMatchObject({
    id: 7n,
    date: new Date('2023-11-14T22:13:20Z'),
    senderId: null,
    message: '',
    editDate: null,
    media: [],
    mapped: false,
    raw: { message: 'lost?', fwdFrom: { fromId: { _: 'PeerOfTomorrow', tomorrowId: '9007199254740993' } } },
  });
});

test('missing parts make a message unreadable, but cause no error', () => {
  const parts = { id: 8, peerId: group(9), date: 1_700_000_000 };
  const broken = [
    new Api.MessageService({ ...parts, action: undefined as never }),
    message({ peerId: undefined as never }),
    message({ media: new Api.MessageMediaPaidMedia({ starsAmount: bigInt(1), extendedMedia: undefined as never }) }),
  ];
  for (const it of broken) expect(messageRow(it, self, now)).toMatchObject({ mapped: false, raw: { _: it.className } });
});

test('a message without a date gets the date 0', () => {
  expect(row({ date: 0 }).date).toEqual(new Date(0));
});

test('a change that readers are not shown as an edit has no date of an edit', () => {
  expect(row({ editDate: 1_700_000_001, editHide: true }).editDate).toBeNull();
});

test.each<[string, object, number | null]>([
  ['is asked for again after its end', { closeDate: 60 }, 62],
  ['that has no end is not', {}, null],
  ['that should be over is asked for a minute later', { closeDate: -60 }, 60],
  ['that should have been over long ago is not', { closeDate: -700 }, null],
  ['that somebody ended is not', { closeDate: 60, closed: true }, null],
])('a poll %s', (_what, { closeDate, ...more }: { closeDate?: number }, asked) => {
  const seconds = now.getTime() / 1000;
  const question = new Api.TextWithEntities({ text: 'q', entities: [] });
  const end = closeDate === undefined ? {} : { closeDate: seconds + closeDate };
  const poll = new Api.Poll({ id: bigInt(3), question, answers: [], ...end, ...more });
  const { askAgainAt } = row({ media: new Api.MessageMediaPoll({ poll, results: new Api.PollResults({}) }) });
  expect(askAgainAt).toEqual(asked === null ? null : new Date((seconds + asked) * 1000));
});

test.each<[string, number, number | null]>([
  ['is asked for when it will be ready', 600, 600],
  ['is given two seconds at least', -30, 2],
  ['is not waited for when it should have been ready a day ago', -24 * 3600 - 1, null],
])('a preview that is not ready %s', (_what, inSeconds, asked) => {
  const seconds = now.getTime() / 1000;
  const webpage = new Api.WebPagePending({ id: bigInt(3), date: seconds + inSeconds });
  const { askAgainAt } = row({ media: new Api.MessageMediaWebPage({ webpage }) });
  expect(askAgainAt).toEqual(asked === null ? null : new Date((seconds + asked) * 1000));
});
