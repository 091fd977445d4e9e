/** A tick with nothing to do asks Postgres as little for hundreds of chats as for a few, and finds what is owed by index. */
import { createLogger } from '@tgsync/shared/app';
import { parseConfig, settingsOf } from '@tgsync/shared/config';
import { claimForAccount, recordSurvey } from '@tgsync/shared/db';
import { openQueues } from '@tgsync/shared/jobs';
import { statementsOf, test } from '@tgsync/testing';
import { accountId, addChat } from '@tgsync/testing/pages';
import { expect } from 'vitest';
import { Planner } from './planner.js';

const settings = settingsOf(
  parseConfig(JSON.stringify({ tg: { api_id: 1, api_hash: '00112233445566778899aabbccddeeff' } })),
);

test.for([3, 300])(
  'a tick with nothing to do takes at most 20 statements with %i chats',
  async (count, { db, databaseUrl }) => {
    const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive: 'test' }, () => {});
    const planner = new Planner({ db, queues, log: createLogger('test', 'silent'), settings });
    await claimForAccount(db, accountId, 1);
    const ids = Array.from({ length: count }, (_, at) => BigInt(at + 1));
    for (const id of ids) await addChat(db, { id, title: 'done', wanted: true, state: 'ok' });
    await planner.tick(0);
    await recordSurvey(
      db,
      accountId,
      ids.map((id) => ({ id, topMessage: 9n, pts: 1 })),
    );
    await db.coverage.createMany({ data: ids.map((chatId) => ({ chatId, fromId: 1n, toId: 9n })) });
    expect(await planner.tick(1000)).toEqual({ settled: true });
    const statements = await statementsOf(() => planner.tick(2000));
    expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(20);
    expect(statements.filter((it) => /FROM coverage/.test(it) && /= ANY/.test(it))).toEqual([]);
    await queues.close();
  },
);
