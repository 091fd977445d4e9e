/** An archive has one account: whatever was recorded before the first login becomes that account's, and no second one gets in. */
import {
  archiveId,
  claimForAccount,
  recordSettings,
  recordSurvey,
  rememberChats,
  wantedChatRows,
} from '@tgsync/shared/db';
import { parseConfig, settingsOf } from '@tgsync/shared/config';
import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import { patience, test } from '@tgsync/testing';
import { wanted } from '@tgsync/testing/pages';

const id = -1_000_000_000_001n;
const settings = settingsOf(parseConfig('{ "tg": { "api_id": 1, "api_hash": "00112233445566778899aabbccddeeff" } }'));

test('chats from config.json and flood waits become those of the first account that logs in', async ({ db }) => {
  await recordSettings(db, settings, [wanted(id, { from: 2n, to: 0n })]);
  await db.floodWait.create({ data: { accountId: 0n, method: 'auth.sendCode', dcId: 0, until: new Date() } });
  expect(await wantedChatRows(db)).toMatchObject([{ id, accountId: 0n, kind: 'unknown' }]);
  await claimForAccount(db, 7n, 1);
  expect(await db.floodWait.findMany()).toMatchObject([{ accountId: 7n }]);
  await rememberChats(db, 7n, [{ id, kind: 'channel', title: 'News', username: null, accessHash: 5n }]);
  await recordSurvey(db, 7n, [{ id, topMessage: 9n, pts: 3 }]);
  const known = { id, accountId: 7n, accessHash: 5n, rangeFrom: 2n, topMessage: 9n, pts: 3, state: 'ok' };
  expect(await wantedChatRows(db)).toMatchObject([known]);
  await recordSettings(db, settings, [wanted(id, { from: 3n, to: 0n })]);
  expect(await wantedChatRows(db)).toMatchObject([{ ...known, rangeFrom: 3n }]);
});

test("chats recorded while the first login claims the archive become its account's, too", async ({ db }) => {
  await archiveId(db);
  const waits = async () => {
    const [row] = await db.$queryRaw<{ any: boolean }[]>`
      SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') AS any`;
    return row!.any;
  };
  let recorded: Promise<unknown> | undefined;
  await db.$transaction(async (claim) => {
    await claim.archive.updateMany({ data: { accountId: 7n } });
    recorded = recordSettings(db, settings, [wanted(id, { from: 0n, to: 0n })]);
    await Promise.race([recorded, vi.waitUntil(waits, patience)]);
  });
  await recorded;
  expect(await wantedChatRows(db)).toMatchObject([{ id, accountId: 7n }]);
});

test('the lease of a login carries the account, as soon as its holder has read the login', async ({ db }) => {
  for (const session of [1, 2])
    await db.sessionLease.create({ data: { session, holder: randomUUID(), fence: 1n, ttl: 15 } });
  await claimForAccount(db, 7n, 2);
  const leases = await db.sessionLease.findMany({ orderBy: { session: 'asc' } });
  expect(leases.map((it) => it.accountId)).toEqual([null, 7n]);
});

test('a second account is refused, and its login changes nothing', async ({ db }) => {
  await claimForAccount(db, 7n, 1);
  await recordSettings(db, settings, [wanted(id, { from: 0n, to: 0n })]);
  await expect(claimForAccount(db, 8n, 2)).rejects.toThrow('This database belongs to account 7');
  expect(await wantedChatRows(db)).toMatchObject([{ accountId: 7n }]);
});

test('two accounts know one chat and one file, each in its own way', async ({ db }) => {
  await claimForAccount(db, 7n, 1);
  for (const [account, accessHash] of [
    [7n, 5n],
    [8n, 6n],
  ] as const)
    await rememberChats(db, account, [{ id, kind: 'channel', title: 'News', username: null, accessHash }]);
  const dialogs = await db.dialog.findMany({ orderBy: { accountId: 'asc' } });
  expect(dialogs.map((it) => [it.accountId, it.accessHash])).toEqual([
    [7n, 5n],
    [8n, 6n],
  ]);
});
