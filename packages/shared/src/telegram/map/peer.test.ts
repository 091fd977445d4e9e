/** Users and chats of an answer → what is known of them, every digit, and no unusable access hash. */
import bigInt from 'big-integer';
import { expect, test } from 'vitest';
import { Api } from '../wire/gramjs.js';
import { chatFacts, factsOf, migrationsIn, peerRows } from './peer.js';

const big = '9007199254740993';
const accessHash = bigInt('-9007199254740995');
const noPhoto = new Api.ChatPhotoEmpty();
const user = (parts: object) => new Api.User({ id: bigInt(big), ...parts });
const channel = (parts: object) =>
  new Api.Channel({ id: bigInt(12), title: 'Cats', photo: noPhoto, date: 1, ...parts });
const groupParts = { id: bigInt(9), title: 'Us', photo: noPhoto, participantsCount: 2, date: 1, version: 1 };

test('a user', () => {
  expect(factsOf(user({ firstName: 'Ada', lastName: 'L\0', username: 'ada', accessHash }))).toEqual({
    id: 9007199254740993n,
    kind: 'user',
    title: 'Ada L\uFFFD',
    username: 'ada',
    accessHash: -9007199254740995n,
  });
});

test.each([
  [{ lastName: 'L' }, 'L'],
  [{ username: 'ada' }, 'ada'],
  [{ deleted: true }, 'Deleted account'],
  [{}, ''],
])('a user with %j is called %j', (parts, title) => {
  expect(factsOf(user(parts))!.title).toBe(title);
});

test('of several user names the active one is used', () => {
  const usernames = [new Api.Username({ username: 'old' }), new Api.Username({ username: 'new', active: true })];
  expect(factsOf(user({ usernames }))!.username).toBe('new');
  expect(factsOf(channel({ usernames: usernames.slice(0, 1) }))!.username).toBeNull();
});

test.each([
  ['a channel', channel({ accessHash, broadcast: true }), 'channel', -1000000000012n, -9007199254740995n],
  ['a supergroup', channel({ accessHash, megagroup: true }), 'supergroup', -1000000000012n, -9007199254740995n],
  ['a gigagroup', channel({ accessHash, gigagroup: true }), 'supergroup', -1000000000012n, -9007199254740995n],
  [
    'a channel that threw us out',
    new Api.ChannelForbidden({ id: bigInt(12), title: 'Cats', accessHash, broadcast: true }),
    'channel',
    -1000000000012n,
    -9007199254740995n,
  ],
  [
    'a supergroup that threw us out',
    new Api.ChannelForbidden({ id: bigInt(12), title: 'Cats', accessHash, megagroup: true }),
    'supergroup',
    -1000000000012n,
    -9007199254740995n,
  ],
  ['a basic group', new Api.Chat(groupParts), 'group', -9n, null],
  ['a basic group that threw us out', new Api.ChatForbidden({ id: bigInt(9), title: 'Us' }), 'group', -9n, null],
] as const)('%s', (_what, it, kind, id, hash) => {
  expect(factsOf(it)).toMatchObject({ kind, id, accessHash: hash, username: null });
});

test('the access hash of a "min" answer cannot be used and is not kept', () => {
  expect(factsOf(user({ min: true, accessHash }))!.accessHash).toBeNull();
  expect(factsOf(channel({ min: true, accessHash }))!.accessHash).toBeNull();
  expect(factsOf(channel({ accessHash: bigInt(0) }))!.accessHash).toBe(0n);
});

test('an answer that only mentions a user or chat gives no facts', () => {
  const users = [new Api.UserEmpty({ id: bigInt(1) }), user({ firstName: 'Ada' })];
  const chats = [new Api.ChatEmpty({ id: bigInt(2) }), channel({})];
  expect(chatFacts(users, chats).map((it) => it.title)).toEqual(['Ada', 'Cats']);
  expect(peerRows(users, chats)).toMatchObject([
    { id: 9007199254740993n, kind: 'user', name: 'Ada', raw: { _: 'User', id: big } },
    { id: -1000000000012n, kind: 'channel', name: 'Cats', raw: { _: 'Channel', title: 'Cats' } },
  ]);
});

test('a basic group that became a supergroup is reported with both ids', () => {
  const migratedTo = new Api.InputChannel({ channelId: bigInt(big), accessHash });
  const chats = [
    new Api.Chat({ ...groupParts, deactivated: true, migratedTo }),
    new Api.Chat(groupParts),
    new Api.Chat({ ...groupParts, migratedTo: new Api.InputChannelEmpty() }),
    channel({}),
  ];
  expect(migrationsIn(chats)).toEqual([{ from: -9n, to: -9008199254740993n }]);
});

test('a chat with an id that no table can store is left out, the others are not', () => {
  const odd = channel({ id: bigInt((2n ** 63n - 1n).toString()) });
  expect(chatFacts([], [odd, channel({})]).map((it) => it.id)).toEqual([-1_000_000_000_012n]);
});
