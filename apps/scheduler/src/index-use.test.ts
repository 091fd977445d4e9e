/** What a tick asks of a large archive is found by index, whether something is owed or nothing. */
import { createLogger } from '@tgsync/shared/app';
import { parseConfig, settingsOf } from '@tgsync/shared/config';
import { claimForAccount } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { openQueues } from '@tgsync/shared/jobs';
import { type Plan, plansOf, test } from '@tgsync/testing';
import { addLargeArchive, largeChat, largeMedia } from '@tgsync/testing/large-archive';
import { accountId } from '@tgsync/testing/pages';
import { expect } from 'vitest';
import { removeDroppedJobs } from './dropped-jobs.js';
import { Planner } from './planner.js';

const settings = settingsOf(
  parseConfig(JSON.stringify({ tg: { api_id: 1, api_hash: '00112233445566778899aabbccddeeff' } })),
);
/** Tables with a row for each message or media. */
const large = new Set(['message', 'message_media', 'media_access', 'photo', 'document']);

const scans = (plans: readonly Plan[]) => plans.filter((it) => it.scanned.some((table) => large.has(table)));

test('a tick reads no large table from end to end', async ({ db, databaseUrl }) => {
  await claimForAccount(db, accountId, 1);
  await addLargeArchive(databaseUrl);
  const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive: 'test' }, () => {});
  const planner = new Planner({ db, queues, log: createLogger('test', 'silent'), settings });
  await planner.tick(0);
  expect(await planner.tick(1000)).toEqual({ settled: true });
  expect(scans(await plansOf(databaseUrl, () => planner.tick(2000)))).toEqual([]);
  await planner.tick(3000); // from here on nothing is owed long enough for checking files
  expect(scans(await plansOf(databaseUrl, () => planner.tick(200_000)))).toEqual([]);
  await owe(db);
  const plans = await plansOf(databaseUrl, async () => {
    expect(await planner.tick(300_000)).toEqual({ settled: false });
    await removeDroppedJobs({ db, queues });
  });
  expect(scans(plans)).toEqual([]);
  const used = new Set(plans.flatMap((it) => it.indexes));
  for (const name of [
    'message_media_owed_file',
    'message_media_urgent',
    'message_media_owed_reference',
    'message_asked_again',
  ])
    expect(used).toContain(name);
  await queues.close();
});

/** Many files, and something of each other kind: a link to retry, a refused reference, an incomplete message, changed rules, a history that goes on. */
async function owe(db: BareDb): Promise<void> {
  const refused = largeMedia(1, 5);
  await db.$executeRaw`UPDATE message_media SET link = 'pending' WHERE chat_id >= ${largeChat(50)} AND kind = 'document'`;
  await db.$executeRaw`UPDATE message_media SET link_retry_at = now() WHERE media_id = ${largeMedia(2, 5).id}`;
  await db.$executeRaw`UPDATE message_media SET link = 'pending' WHERE media_id = ${refused.id}`;
  await db.$executeRaw`UPDATE photo SET state = 'owed', saved = false WHERE id = ${refused.id}`;
  await db.$executeRaw`UPDATE media_access SET reference_refused_at = now() WHERE media_id = ${refused.id}`;
  await db.$executeRaw`UPDATE message SET ask_again_at = now() WHERE chat_id = ${largeChat(3)} AND id = 7`;
  await db.$executeRaw`UPDATE dialog SET rules_applied = false WHERE chat_id = ${largeChat(2)}`;
  await db.$executeRaw`UPDATE dialog SET top_message = 900 WHERE chat_id = ${largeChat(4)}`;
  await db.$executeRaw`ANALYZE`;
}
