/** Where a channel begins that is surveyed only after its updates have begun to come. */
import { randomUUID } from 'node:crypto';
import { createLogger } from '@tgsync/shared/app';
import { loadConfig } from '@tgsync/shared/config';
import { livenessOf, recordAccountState, recordSurvey, rememberChats, storePage } from '@tgsync/shared/db';
import { Account, Applier, getUpdatesState } from '@tgsync/shared/telegram';
import { patience, test } from '@tgsync/testing';
import { message, page } from '@tgsync/testing/pages';
import { expect, vi } from 'vitest';

test('a channel begins where its first survey saw it, not where its next update is', async ({ world, archive, db }) => {
  const news = world.addChannel({ title: 'News' });
  const { id } = news.addMessage({ text: 'old' });
  archive.configure({});
  const log = createLogger('test', 'silent');
  const account = new Account({ config: loadConfig(archive.env), env: archive.env, db, log });
  await account.start();
  const applier = new Applier({
    account,
    db,
    log,
    holder: randomUUID(),
    isOn: () => true,
    leaseTtl: () => 3600, // it is never renewed, and nothing read again
    onMedia: () => {},
    onSilence: () => {},
    onUnstorable: () => {},
  });
  try {
    const accountId = account.selfId;
    await recordAccountState(db, { id: accountId, ...(await getUpdatesState(account)) });
    const facts = { id: news.id, kind: 'channel', title: 'News', username: null, accessHash: news.accessHash } as const;
    await rememberChats(db, accountId, [facts]);
    await db.dialog.updateMany({ data: { wanted: true } });
    applier.start();
    await vi.waitUntil(async () => (await livenessOf(db))[0]?.live, patience);
    await recordSurvey(db, accountId, [{ id: news.id, topMessage: BigInt(id), pts: news.log.pts }]);
    await storePage(db, page(news.id, [message(BigInt(id), { message: 'old' })]));
    for (const text of ['first', 'second']) news.addMessage({ text });
    const texts = async () => (await db.message.findMany({ orderBy: { id: 'asc' } })).map((it) => it.message);
    await vi.waitUntil(async () => (await texts()).includes('second') || (await db.recheck.count()) > 0, patience);
    expect(await db.recheck.count()).toBe(0);
    expect(await texts()).toEqual(['old', 'first', 'second']);
  } finally {
    await applier.close();
    await account.release();
  }
});
