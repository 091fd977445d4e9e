/** addresses.test.ts: some of the addresses that Telegram advertises cannot be reached: the next ones are used, at no cost of an attempt. */
import { type ExtraAddress, startEmulator } from '@tgsync/telegram-emulator';
import { test as base } from '@tgsync/testing';
import { expect } from 'vitest';
import { expectWhole } from './whole.js';

/** Advertised before the working ones. */
const dead: ExtraAddress[] = [2, 4].flatMap((dc) => [
  { dc, dead: 'refuses', first: true },
  { dc, dead: 'silent', mediaOnly: true, first: true },
  { dc, dead: 'cuts', mediaOnly: true, first: true },
]);

const test = base.extend({
  telegram: async ({ world }, use) => {
    const telegram = await startEmulator({ world, moreAddresses: dead });
    await use(telegram);
    await telegram.close();
  },
});

test(
  'dead addresses, including those that accept connections and never answer, cost no attempt',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    for (const dc of [2, 4])
      for (let nth = 0; nth < 3; nth++)
        chat.addMessage({ text: 'file', document: world.addDocument({ dc, size: 900_000, name: `${dc} ${nth}.bin` }) });
    archive.configure({ [chat.id.toString()]: {} }, { download: { request_timeout: 2 } });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(fleet.log.filter((it) => it.msg.startsWith('job failed'))).toEqual([]);
    await expectWhole(world, archive, db);
  },
);
