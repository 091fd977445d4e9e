/** What each container moves, and what it does not. Nothing is committed here; that is tested with the database. */
import bigInt from 'big-integer';
import { describe, expect, test } from 'vitest';
import { Api } from '../wire/gramjs.js';
import { type Unpacked, unpacked } from './containers.js';
import { Progress } from './progress.js';

const self = 7n;
const channel = -1_000_000_000_005n;
const channelId = bigInt(5);
const peers = { users: [], chats: [] };

const begun = () => {
  const deps = { account: { selfId: self } } as unknown as ConstructorParameters<typeof Progress>[0];
  const state = { common: { pts: 10, qts: 0, date: 1000, seq: 4 }, strangers: new Set<bigint>() };
  return new Progress(deps, 1n, { ...state, channels: new Map([[channel, { pts: 300_000, seenPts: null }]]) });
};
const said = (id: number) =>
  new Api.Message({ id, peerId: new Api.PeerUser({ userId: bigInt(9) }), date: 1, message: 'a' });
const inCommon = (pts: number) => new Api.UpdateNewMessage({ message: said(pts), pts, ptsCount: 1 });

/** Takes it in; returns how many messages were told, and the numbers afterwards. */
function taken(progress: Progress, container: Api.TypeUpdates) {
  const change = progress.begin();
  progress.takeAll(change, unpacked(container, self) as Unpacked);
  const { chats, deletedOfAccount } = change.collector.take();
  const { common, channels } = progress.sources;
  return {
    messages: chats.flatMap((it) => it.messages).length,
    deleted: deletedOfAccount.length,
    pts: common.box.pts,
    isBehind: common.box.needsDifference,
    channel: channels.get(channel)!.box.pts,
    seq: progress.state.seq,
    date: progress.state.date,
  };
}

const before = { messages: 0, deleted: 0, pts: 10, isBehind: false, channel: 300_000, seq: 4, date: 1000 };

test('overlap: of a deletion of five two are known, so that a difference is needed', () => {
  const updates = [new Api.UpdateDeleteMessages({ messages: [1, 2, 3, 4, 5], pts: 13, ptsCount: 5 })];
  const container = new Api.Updates({ updates, ...peers, date: 1001, seq: 0 });
  expect(taken(begun(), container)).toEqual({ ...before, isBehind: true });
});

test('pts_count 0 with pts as it is here: the content is applied, the state is not moved', () => {
  const message = said(3);
  const updates = [new Api.UpdateEditMessage({ message, pts: 10, ptsCount: 0 })];
  expect(taken(begun(), new Api.Updates({ updates, ...peers, date: 1001, seq: 0 }))).toEqual({
    ...before,
    messages: 1,
  });
});

test('updateReadChannelInbox has a pts and is in no box', () => {
  const update = new Api.UpdateReadChannelInbox({ channelId, maxId: 1, stillUnreadCount: 0, pts: 900_000 });
  expect(taken(begun(), new Api.UpdateShort({ update, date: 1001 }))).toEqual(before);
});

test('a container with a stale seq but a new update of a box: that is applied', () => {
  const container = new Api.Updates({ updates: [inCommon(11)], ...peers, date: 1001, seq: 3 });
  expect(taken(begun(), container)).toEqual({ ...before, messages: 1, pts: 11 });
});

describe('containers with a seq', () => {
  const numbered = (seq: number, date: number) => new Api.Updates({ updates: [], ...peers, date, seq });

  test('the next one moves the date, and an earlier date moves nothing', () => {
    expect(taken(begun(), numbered(5, 1001))).toEqual({ ...before, seq: 5, date: 1001 });
    expect(taken(begun(), numbered(5, 999))).toEqual({ ...before, seq: 5 });
  });

  test('a later one waits for those before it, and asks for nothing yet', () => {
    const progress = begun();
    expect(taken(progress, numbered(6, 1002))).toEqual(before);
    expect(taken(progress, numbered(8, 1004))).toEqual(before);
    expect(progress.sequence.hasGap).toBe(true);
    expect(taken(progress, numbered(5, 1001))).toEqual({ ...before, seq: 6, date: 1002 });
    expect(progress.sequence.hasGap).toBe(true);
    const { pts, qts } = progress.state;
    progress.reach({ pts, qts, seq: 7, date: 1003 });
    expect(progress.state).toMatchObject({ seq: 8, date: 1004 });
    expect(progress.sequence.hasGap).toBe(false);
  });

  test('one that came twice, or that a difference told, is not missing', () => {
    const progress = begun();
    for (const seq of [7, 7]) taken(progress, numbered(seq, 1001));
    const { pts, qts } = progress.state;
    progress.reach({ pts, qts, seq: 9, date: 1003 });
    expect(progress.state).toMatchObject({ seq: 9, date: 1003 });
    expect(progress.sequence.hasGap).toBe(false);
  });
});

test('updateShort with a later date: the stored date is not moved', () => {
  expect(taken(begun(), new Api.UpdateShort({ update: inCommon(11), date: 5000 }))).toEqual({
    ...before,
    messages: 1,
    pts: 11,
  });
});

test('beginning from another state passes on nothing that is held: a difference tells it', () => {
  const progress = begun();
  taken(progress, new Api.Updates({ updates: [inCommon(12)], ...peers, date: 1001, seq: 0 }));
  progress.startFrom({ pts: 11, qts: 0, date: 1001, seq: 4 });
  expect(progress.sources.common.box.pts).toBe(11);
  const change = progress.begin();
  progress.finish(change, progress.sources.common, 11, true);
  expect(change.collector.take().chats.flatMap((it) => it.messages)).toHaveLength(1);
  expect(progress.sources.common.box.pts).toBe(12);
});

describe('reactions that come after an edit that is held', () => {
  const reactionsTo = (id: number, count: number) => {
    const reaction = new Api.ReactionEmoji({ emoticon: '👍' });
    const reactions = new Api.MessageReactions({ results: [new Api.ReactionCount({ reaction, count })] });
    const update = new Api.UpdateMessageReactions({ peer: said(id).peerId, msgId: id, reactions });
    return new Api.UpdateShort({ update, date: 1001 });
  };
  const editAt = (pts: number) =>
    new Api.UpdateShort({
      update: new Api.UpdateEditMessage({ message: said(3), pts, ptsCount: 1 }),
      date: 1001,
    });
  const take = (progress: Progress, ...containers: Api.TypeUpdates[]) => {
    const change = progress.begin();
    for (const it of containers) progress.takeAll(change, unpacked(it, self) as Unpacked);
    return change.collector.take().chats.flatMap((it) => it.reactions ?? []);
  };
  const missing = new Api.UpdateShort({ update: inCommon(11), date: 1001 });
  const counts = (all: { reactions: object }[]) =>
    all.map((it) => (it.reactions as { results: { count: number }[] }).results[0]!.count);

  test('go on waiting when the edit is applied', () => {
    const progress = begun();
    take(progress, editAt(12), reactionsTo(3, 5), missing);
    expect(progress.sources.common.box.pts).toBe(12);
    expect(counts(progress.reactions.take(() => false))).toEqual([5]);
  });

  test('are applied again if they were before, but for those that came before the edit', () => {
    const progress = begun();
    take(progress, reactionsTo(3, 4), editAt(12), reactionsTo(3, 5));
    expect(counts(progress.reactions.take(() => progress.sources.common.isHolding))).toEqual([5]);
    expect(counts(take(progress, missing))).toEqual([5]);
  });

  test('are not, if another edit came after them', () => {
    const progress = begun();
    take(progress, editAt(12), reactionsTo(3, 5), editAt(13));
    progress.reactions.take(() => progress.sources.common.isHolding);
    expect(take(progress, missing)).toEqual([]);
    expect(progress.sources.common.box.pts).toBe(13);
  });

  test('are forgotten when nothing is held any more', () => {
    const progress = begun();
    take(progress, editAt(12), reactionsTo(3, 5));
    progress.reactions.take(() => true);
    progress.reactions.settle(() => false);
    expect(take(progress, missing)).toEqual([]);
  });
});

describe('the server counts anew', () => {
  test("a channel's pts that falls by 200,000: nothing is known of it any more", () => {
    const progress = begun();
    const update = new Api.UpdateDeleteChannelMessages({ channelId, messages: [1], pts: 100_000, ptsCount: 1 });
    expect(taken(progress, new Api.UpdateShort({ update, date: 1001 }))).toEqual({ ...before, channel: undefined });
    expect(progress.sources.channels.get(channel)!.box.needsDifference).toBe(true);
  });

  test('updatePtsChanged: the account begins from the present', () => {
    const progress = begun();
    const update = new Api.UpdatePtsChanged();
    expect(taken(progress, new Api.UpdateShort({ update, date: 1001 }))).toEqual({ ...before, isBehind: true });
    expect(progress.isCommonForgotten).toBe(true);
  });
});
