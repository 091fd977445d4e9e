/** poll.ts: what an update tells of a poll. Pure. */
import type { ToldOfPoll } from '../../db/reactions.js';
import type { Api } from '../wire/gramjs.js';
import { toRaw } from './raw.js';

export function toldOfPoll({ pollId, poll, results }: Api.UpdateMessagePoll): ToldOfPoll {
  const isClosed = poll ? (poll.closed ?? false) : undefined;
  return { pollId: BigInt(pollId.toString()), isClosed, results: toRaw(results) as ToldOfPoll['results'] };
}
