/** Answers to calls are updates, too; what is in no box is stored by whoever asked, also if another process applies the account's updates. */
import { createLogger } from '@tgsync/shared/app';
import { storePage } from '@tgsync/shared/db';
import { Applier } from '@tgsync/shared/telegram';
import { test } from '@tgsync/testing';
import { accountId, addChat, message, page } from '@tgsync/testing/pages';
import bigInt from 'big-integer';
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Account } from '../account/account.js';
import { Api } from '../wire/gramjs.js';

test('the votes of a poll that an answer tells, without the role', async ({ db }) => {
  await addChat(db, { id: -1007n, title: 'News', wanted: true, state: 'ok' });
  const media = { _: 'MessageMediaPoll', poll: { _: 'Poll', id: '31' }, results: { _: 'PollResults', totalVoters: 1 } };
  const raw = { _: 'Message', media };
  await storePage(db, page(-1007n, [message(5n, { mediaType: 'MessageMediaPoll', raw })]));
  const applier = new Applier({
    account: { selfId: accountId } as Account,
    db,
    log: createLogger('test', 'silent'),
    holder: randomUUID(),
    isOn: () => false,
    leaseTtl: () => 15,
    onMedia: () => {},
    onSilence: () => {},
    onUnstorable: () => {},
  });
  const poll = new Api.UpdateMessagePoll({ pollId: bigInt(31), results: new Api.PollResults({ totalVoters: 7 }) });
  await applier.take(new Api.Updates({ updates: [poll], users: [], chats: [], date: 1, seq: 0 }));
  expect((await db.message.findFirstOrThrow()).raw).toMatchObject({ media: { results: { totalVoters: 7 } } });
});
