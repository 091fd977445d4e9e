/**
 * polls.ts: votes in a poll, and its end. Clients learn both by the poll's id alone, and never in a pts sequence.
 */
import type { TlObject } from '../../tl/value.js';
import type { Chat } from '../chat.js';
import type { Message } from '../message.js';
import { renderTree } from '../message-tl.js';

function pollOf(chat: Chat, id: number): { message: Message; poll: TlObject; results: TlObject } {
  const message = chat.existing(id);
  if (message.media?._ !== 'messageMediaPoll') throw new Error(`message ${id} of ${chat.title} has no poll`);
  return { message, poll: message.media['poll'] as TlObject, results: message.media['results'] as TlObject };
}

/** The update about a poll; others than voters get its `min` form, with counts only. A message may show that, too. */
export function pollUpdate(chat: Chat, id: number, { min = false } = {}): TlObject {
  const { poll, results } = pollOf(chat, id);
  const shown = min
    ? { _: results._, min: true, results: results['results'], total_voters: results['total_voters'] }
    : { ...results, min: undefined };
  return renderTree(chat.world, { _: 'updateMessagePoll', poll_id: poll['id'], poll, results: shown });
}

/** Somebody votes for the n-th answer, counting from 0. */
export function vote(chat: Chat, id: number, answer: number): void {
  const { message, poll, results } = pollOf(chat, id);
  if (poll['closed']) throw new Error(`the poll in message ${id} of ${chat.title} is closed`);
  const answers = poll['answers'] as TlObject[];
  if (!answers[answer]) throw new Error(`the poll in message ${id} of ${chat.title} has no answer ${answer}`);
  const before = (results['results'] ?? []) as TlObject[];
  const voters = answers.map(({ option }, index) => {
    const so = before[index] ?? { _: 'pollAnswerVoters', option, voters: 0, recent_voters: [] };
    return index === answer ? { ...so, voters: (so['voters'] as number) + 1 } : so;
  });
  const total = ((results['total_voters'] as number | undefined) ?? 0) + 1;
  set(chat, message, { poll, results: { ...results, results: voters, total_voters: total } });
  chat.world.record.note(chat, 'vote', [id]);
  chat.world.announce(chat, pollUpdate(chat, id, { min: true }), [id]);
}

/** Ends a poll. */
export function closePoll(chat: Chat, id: number): void {
  const { message, poll, results } = pollOf(chat, id);
  set(chat, message, { poll: { ...poll, closed: true }, results });
  chat.world.record.note(chat, 'close-poll', [id]);
  chat.world.announce(chat, pollUpdate(chat, id), [id]);
}

const set = (chat: Chat, message: Message, parts: { poll: TlObject; results: TlObject }): void =>
  chat.store.put({ ...message, media: { ...message.media!, ...parts } });
