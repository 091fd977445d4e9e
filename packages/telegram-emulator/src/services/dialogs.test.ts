/** The list of chats: each is listed once, whatever the page size, and forbidden ones are shown as such. */
import { describe, expect, test } from 'vitest';
import type { TlObject } from '../tl/value.js';
import { directClient, inputPeer } from '../world/direct-client.js';
import { generateWorld } from '../world/generate/generate-world.js';
import { markedOf } from '../world/peers.js';
import { World } from '../world/world.js';

const start = { offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' } as TlObject, limit: 100, hash: 0n };
const idsOf = (answer: TlObject): bigint[] => (answer['dialogs'] as TlObject[]).map((it) => markedOf(it['peer']) ?? 0n);

/** Reads pages like official clients: the next one starts at the last chat of a page that has a message. */
function readAll(world: World, limit: number, more: object): bigint[] {
  const ask = directClient(world);
  const found: bigint[] = [];
  let offset = start;
  for (let pages = 0; pages < 200; pages += 1) {
    const answer = ask('messages.getDialogs', { ...offset, ...more, limit });
    const dialogs = answer['dialogs'] as TlObject[];
    found.push(...idsOf(answer));
    if (answer._ === 'messages.dialogs' || dialogs.length < limit) return found;
    const last = dialogs.at(-1) as TlObject;
    const id = markedOf(last['peer']) ?? 0n;
    const message = (answer['messages'] as TlObject[]).find(
      (it) => it['id'] === last['top_message'] && markedOf(it['peer_id']) === id,
    );
    const offset_date = (message?.['date'] as number | undefined) ?? 0;
    offset = { ...start, offset_date, offset_id: last['top_message'] as number, offset_peer: inputPeer(world, id) };
  }
  throw new Error('the list has no end');
}

describe('messages.getDialogs', () => {
  test.each([1, 2, 3, 7, 100])('lists every chat once in pages of %i', (limit) => {
    const world = generateWorld({ seed: 'dialogs', messages: 600, files: 200, chats: 15 });
    const listed = world.chats.filter((it) => it.listed);
    const unpinned = listed.filter((it) => it.pinned === undefined).map((it) => it.id);
    expect(readAll(world, limit, { exclude_pinned: true }).toSorted()).toEqual(unpinned.toSorted());
    const archived = listed.filter((it) => it.archived).map((it) => it.id);
    expect(readAll(world, limit, { exclude_pinned: true, folder_id: 1 }).toSorted()).toEqual(archived.toSorted());
  });

  test('starts with the pinned chats, and counts all', () => {
    const world = generateWorld({ seed: 'dialogs', messages: 600, files: 200 });
    const ask = directClient(world);
    const all = ask('messages.getDialogs', start);
    expect(all._).toBe('messages.dialogs');
    expect(idsOf(all)).toHaveLength(world.chats.filter((it) => it.listed).length);
    expect(idsOf(all).slice(0, 2)).toEqual([world.chat('Cat Pictures').id, world.chat('Family').id]);
    const part = ask('messages.getDialogs', { ...start, limit: 3 });
    expect(part).toMatchObject({ _: 'messages.dialogsSlice', count: idsOf(all).length });
    expect(() => ask('messages.getDialogs', { ...start, folder_id: 9 })).toThrow('FOLDER_ID_INVALID');
  });

  test('does not mix up chats whose newest messages are from the same second', () => {
    const world = new World();
    for (let index = 0; index < 9; index += 1)
      world.addChannel({ title: `${index}` }).addMessage({ date: 1_705_000_000 });
    for (const limit of [1, 2, 4]) expect(new Set(readAll(world, limit, {})).size).toBe(9);
  });

  test('shows a channel that removed the account as forbidden, and an unused user not at all', () => {
    const world = new World();
    const gone = world.addChannel({ title: 'Gone' });
    gone.addMessages(3);
    gone.removed = true;
    world.addUser({ title: 'Nobody' });
    const answer = directClient(world)('messages.getDialogs', start);
    expect(answer['chats']).toMatchObject([{ _: 'channelForbidden', title: 'Gone', access_hash: gone.accessHash }]);
    expect(answer['messages']).toEqual([]);
    expect(answer['dialogs']).toMatchObject([{ top_message: 0 }]);
  });

  test('includes the pts of channels, in lists and for single chats', () => {
    const world = new World();
    const cats = world.addChannel({ title: 'Cats', pinned: 1 });
    cats.addMessages(3);
    const alice = world.addUser({ title: 'Alice' });
    alice.addMessage();
    const ask = directClient(world);
    const peers = [cats, alice].map((it) => ({ _: 'inputDialogPeer', peer: inputPeer(world, it.id) }));
    const answer = ask('messages.getPeerDialogs', { peers });
    expect(answer['dialogs']).toMatchObject([{ pts: cats.log.pts, top_message: 3 }, { top_message: 1 }]);
    expect(answer['state']).toMatchObject({ pts: world.log.pts });
    expect(idsOf(ask('messages.getPinnedDialogs', { folder_id: 0 }))).toEqual([cats.id]);
  });
});

describe('messages.getDialogFilters', () => {
  test('shows the folders as they were saved, after the list of all chats', () => {
    const world = new World();
    const [cats, dogs] = [world.addChannel({ title: 'Cats' }), world.addGroup({ title: 'Dogs' })];
    const alice = world.addUser({ title: 'Alice' });
    world.setFolder({
      title: 'Pets',
      pinned: [cats],
      include: [dogs],
      exclude: [alice],
      bots: true,
      excludeMuted: true,
    });
    world.setFolder({ title: 'Shared', include: [world.chat(world.account.userId)], chatlist: true });
    const ask = directClient(world);
    const filters = () => ask('messages.getDialogFilters')['filters'] as TlObject[];
    expect(filters()).toMatchObject([
      { _: 'dialogFilterDefault' },
      {
        _: 'dialogFilter',
        id: 2,
        title: { text: 'Pets' },
        bots: true,
        exclude_muted: true,
        pinned_peers: [inputPeer(world, cats.id)],
        include_peers: [inputPeer(world, dogs.id)],
        exclude_peers: [inputPeer(world, alice.id)],
      },
      { _: 'dialogFilterChatlist', id: 3, include_peers: [{ _: 'inputPeerSelf' }] },
    ]);
    world.setFolder({ title: 'Pets', include: [dogs] });
    expect(filters()[1]).toMatchObject({ id: 2, pinned_peers: [] });
    world.removeFolder('Pets');
    expect(filters().map((it) => it['id'])).toEqual([undefined, 3]);
  });

  test('refuses folders that Telegram would not save', () => {
    const world = new World();
    const cats = world.addChannel({ title: 'Cats' });
    expect(() => world.setFolder({ title: 'Nothing' })).toThrow('FILTER_INCLUDE_EMPTY');
    expect(() => world.setFolder({ title: '', include: [cats] })).toThrow('FILTER_TITLE_EMPTY');
    expect(() => world.setFolder({ title: 'Twice', include: [cats], exclude: [cats] })).toThrow('one of the lists');
    expect(() => world.setFolder({ title: 'Shared', include: [cats], bots: true, chatlist: true })).toThrow('FILTER_');
  });
});

test('account.getNotifySettings tells what holds for all chats of a kind, and for one', () => {
  const world = new World();
  const cats = world.addChannel({ title: 'Cats' });
  world.mutedKinds.add('broadcasts');
  const ask = directClient(world);
  const mutedUntil = (peer: TlObject) => ask('account.getNotifySettings', { peer })['mute_until'];
  expect(mutedUntil({ _: 'inputNotifyBroadcasts' })).toBe(2 ** 31 - 1);
  expect(mutedUntil({ _: 'inputNotifyUsers' })).toBe(0);
  expect(mutedUntil({ _: 'inputNotifyPeer', peer: inputPeer(world, cats.id) })).toBeUndefined();
});
