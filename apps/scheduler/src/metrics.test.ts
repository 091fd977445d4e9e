/** How current the archive is can be watched from outside. */
import { noteHeard, noteLive, noteTrouble } from '@tgsync/shared/db';
import { test } from '@tgsync/testing';
import { expect } from 'vitest';
import { metrics } from './metrics.js';

test('when the last update came, whether they are applied, and what is wrong', async ({ db }) => {
  expect(await metrics(db)).toContain('tgsync_troubles 0\n');
  await db.account.create({ data: { id: 7n, pts: 1, qts: 0, date: new Date(0), seq: 1 } });
  expect(await metrics(db)).not.toContain('tgsync_last_update_timestamp_seconds{');
  await noteLive(db, 7n, true);
  await noteHeard(db, 7n);
  await noteTrouble(db, 'updates', 'Telegram pushes no updates');
  const text = await metrics(db);
  const { heardAt } = await db.account.findFirstOrThrow();
  expect(text).toContain(`tgsync_last_update_timestamp_seconds{account="7"} ${heardAt!.getTime() / 1000}\n`);
  expect(text).toContain('tgsync_updates_live{account="7"} 0\n'); // nobody has the role
  expect(text).toContain('tgsync_channels_behind{account="7"} 0\n');
  expect(text).toContain('tgsync_troubles 1\n');
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{account="\d+"\})? [\d.]+)$/);
});
