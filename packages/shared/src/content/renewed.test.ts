/** A newer state of a message says what it says, and nothing against what it does not tell. */
import { describe, expect, test } from 'vitest';
import { pollResultsAfter, reactionsAfter, renewed } from './renewed.js';

const count = (emoticon: string, of: number, more: object = {}) => ({
  _: 'ReactionCount',
  reaction: { _: 'ReactionEmoji', emoticon },
  count: of,
  ...more,
});
const named = [{ _: 'MessagePeerReaction', my: true }];

describe('reactions', () => {
  const known = { _: 'MessageReactions', results: [count('👍', 2, { chosenOrder: 1 })], recentReactions: named };

  test('in their min form are counts: our own and the recent ones stay', () => {
    const told = { _: 'MessageReactions', min: true, results: [count('🔥', 1), count('👍', 3)] };
    expect(reactionsAfter(known, told)).toEqual({
      _: 'MessageReactions',
      results: [count('🔥', 1), count('👍', 3, { chosenOrder: 1 })],
      recentReactions: named,
    });
    expect(reactionsAfter(undefined, told)).toEqual(told);
  });

  test('in full replace what was known', () => {
    const told = { _: 'MessageReactions', results: [count('👍', 1)] };
    expect(reactionsAfter(known, told)).toEqual(told);
  });

  test('that came later than a message stay, also if they were taken away', () => {
    const before = { _: 'Message', message: 'a', reactions: known };
    const after = { _: 'Message', message: 'b', reactions: { _: 'MessageReactions', results: [] } };
    expect(renewed(before, after, { keepsReactions: true })).toEqual({ ...before, message: 'b' });
    expect(renewed(before, after, { keepsReactions: false })).toEqual(after);
    expect(renewed({ _: 'Message' }, after, { keepsReactions: true })).toEqual({ _: 'Message', message: 'b' });
  });
});

test('media that are no longer shown stay, and whatever else is new is taken', () => {
  const media = { _: 'MessageMediaPhoto', photo: { _: 'Photo', id: '1' }, ttlSeconds: 5 };
  const after = { _: 'Message', message: 'b', media: { _: 'MessageMediaPhoto', ttlSeconds: 5 } };
  const now = renewed({ _: 'Message', message: 'a', media }, after, { keepsReactions: false });
  expect(now).toEqual({ _: 'Message', message: 'b', media });
});

test('results of a poll in their min form are counts: our own vote stays', () => {
  const voters = (option: string, of: number, more: object = {}) => ({
    option: { $bytes: option },
    voters: of,
    ...more,
  });
  const before = { results: [voters('a', 1, { chosen: true }), voters('b', 0)], totalVoters: 1, solution: 's' };
  const told = { min: true, results: [voters('a', 4), voters('b', 2)], totalVoters: 6 };
  expect(pollResultsAfter(before, told)).toEqual({
    results: [voters('a', 4, { chosen: true }), voters('b', 2)],
    totalVoters: 6,
    solution: 's',
  });
  expect(pollResultsAfter(before, { results: [voters('a', 4)] })).toEqual({ results: [voters('a', 4)] });
});

test('a message that shows the results of its poll in their min form does not undo what is known of them', () => {
  const poll = { _: 'Poll', id: '7' };
  const shows = (results: object, of = poll) => ({
    _: 'Message',
    media: { _: 'MessageMediaPoll', poll: of, results: { totalVoters: 1, ...results } },
  });
  const told = shows({ min: true, totalVoters: 2 });
  const now = renewed(shows({ solution: 's' }), told, { keepsReactions: false });
  expect(now).toEqual(shows({ solution: 's', totalVoters: 2 }));
  const ofAnother = shows({ min: true }, { ...poll, id: '8' });
  expect(renewed(shows({ solution: 's' }), ofAnother, { keepsReactions: false })).toEqual(ofAnother);
});
