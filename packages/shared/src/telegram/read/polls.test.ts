/** Which polls are worth asking for. */
import { expect, test } from 'vitest';
import type { MessageRow } from '../../db/messages.js';
import { openPolls } from './polls.js';

const message = (id: bigint, media?: object) => ({ id, raw: { _: 'Message', media } }) as unknown as MessageRow;
const poll = (id: bigint, more: object = {}, results: object = {}) =>
  message(id, { _: 'MessageMediaPoll', poll: { hash: `${id}0`, ...more }, results });

test('those that are open, or whose results were told in part', () => {
  const messages = [
    message(1n),
    message(2n, { _: 'MessageMediaPhoto' }),
    poll(3n),
    poll(4n, { closed: true }),
    poll(5n, { closed: true }, { min: true }),
  ];
  expect(openPolls(messages)).toEqual([
    { messageId: 3n, hash: '30' },
    { messageId: 5n, hash: '50' },
  ]);
});
