/** login.test.ts: what the login survives, at full size: a holder that is paused for a minute, twenty media workers at once. */
import { test } from '@tgsync/testing';
import { holderStandsStill, keyMadeAnewOnce } from '../login-stories.js';

test('a holder paused for a minute sends nothing after another one took over', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  await holderStandsStill({ world, telegram, archive, fleet, db }, { leaseTtl: 15, stillMs: 60_000 });
});

test('a restart of twenty media workers needs no export and no key exchange', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  await keyMadeAnewOnce({ world, telegram, archive, fleet, db }, { mediaWorkers: 20 });
});
