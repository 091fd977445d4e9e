/** However many react within a second, only the last state of each message is applied, a second after the first. */
import bigInt from 'big-integer';
import { expect, test } from 'vitest';
import { Api } from '../wire/gramjs.js';
import { WaitingReactions } from './waiting-reactions.js';

const reacted = (msgId: number, count: number) =>
  new Api.UpdateMessageReactions({
    peer: new Api.PeerChannel({ channelId: bigInt(1) }),
    msgId,
    reactions: new Api.MessageReactions({
      results: [new Api.ReactionCount({ reaction: new Api.ReactionEmoji({ emoticon: '👍' }), count })],
    }),
  });
const counts = (waiting: WaitingReactions) =>
  waiting.take(() => false).map(({ id, reactions }) => [id, (reactions['results'] as { count: number }[])[0]!.count]);

test('the newest state of each message, due a second after the first', () => {
  const waiting = new WaitingReactions();
  for (const [now, id, count] of [
    [100, 1, 1],
    [300, 2, 1],
    [900, 1, 2],
  ] as const)
    waiting.note(reacted(id, count), now, 0);
  expect(waiting.dueAt).toBe(1100);
  expect(counts(waiting)).toEqual([
    [1n, 2],
    [2n, 1],
  ]);
  expect(waiting.isEmpty).toBe(true);
  expect(waiting.dueAt).toBe(Infinity);
});

test('a message that came itself had them already', () => {
  const waiting = new WaitingReactions();
  waiting.note(reacted(1, 1), 0, 0);
  waiting.forget(-1_000_000_000_001n, 1n);
  expect(waiting.dueAt).toBe(Infinity);
  expect(waiting.take(() => false)).toEqual([]);
});
