/** accounts.test.ts: one database, one account; another tool's database is left alone. */
import { Fleet, makeArchive, test } from '@tgsync/testing';
import { startEmulator, World } from '@tgsync/telegram-emulator';
import { expect } from 'vitest';
import pg from 'pg';

test(
  'a second account is refused with a clear message',
  { tags: 'thorough' },
  async ({ world, archive, fleet, databaseUrl }) => {
    const chat = world.addUser({ title: 'Friend' });
    chat.addMessages(3);
    archive.configure({ [chat.id.toString()]: {} });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);

    const other = await startEmulator({ world: new World({ userId: 5_000_000_001n }) });
    try {
      const second = makeArchive(databaseUrl, other);
      second.configure({});
      await second.logIn();
      const stranger = new Fleet(second.env);
      expect(await stranger.exit(stranger.start('fetch-worker'))).toBe(78);
      expect(stranger.log.find((it) => it.level === 'fatal')?.reason).toContain('belongs to account');
      second.remove();
    } finally {
      await other.close();
    }
  },
);

test('another tool’s database is refused and left untouched', async ({ archive, fleet, databaseUrl }) => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('DROP TABLE _prisma_migrations');
  archive.configure({});
  expect(await fleet.exit(fleet.start('scheduler'))).toBe(78);
  expect(fleet.log.find((it) => it.level === 'fatal')?.reason).toContain("another program's tables");
  const { rows } = await client.query(`SELECT to_regclass('_prisma_migrations') AS migrations`);
  await client.end();
  expect(rows).toEqual([{ migrations: null }]);
});
