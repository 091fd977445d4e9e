/** In an earlier version's archive the account becomes part of the keys: some messages at a time, safe to interrupt, and nothing else changes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { migrate } from '@tgsync/shared/db';
import pg from 'pg';
import { expect, inject, vi } from 'vitest';
import { cloneDatabase, dropDatabase, patience, test as base } from '@tgsync/testing';
import { migrateUpTo } from '@tgsync/testing/old-database';

const [channel, group, friend] = [-1_000_000_000_005n, -12n, 5n];
const account = 777n;

type Query = (text: string) => Promise<Record<string, unknown>[]>;

const test = base.extend<{ oldUrl: string; query: Query }>({
  oldUrl: async ({}, use) => {
    const template = inject('templateUrl');
    const url = await cloneDatabase(template);
    await use(url);
    await dropDatabase(template, url);
  },
  query: async ({ oldUrl }, use) => {
    const pool = new pg.Pool({ connectionString: oldUrl });
    const query: Query = async (text) => {
      const result = await pool.query<Record<string, unknown>>(text);
      return result.rows;
    };
    await query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await migrateUpTo(query, '20261129000000');
    await fill(query);
    await use(query);
    await pool.end();
  },
});

/** Messages with one photo each: 300 of a channel, and 700 of an account's one id sequence, alternating between a group and a friend. */
async function fill(query: Query): Promise<void> {
  await query(`INSERT INTO archive (id, account_id) VALUES ('00000000-0000-4000-8000-000000000000', ${account})`);
  for (const [id, kind] of [[channel, 'channel'] as const, [group, 'group'] as const, [friend, 'user'] as const])
    await query(`INSERT INTO chat (id, kind, title, wanted) VALUES (${id}, '${kind}', 'x', true)`);
  await query(`INSERT INTO message (id, chat_id, account_id, date, message, raw, raw_layer)
    SELECT n, ${channel}, NULL, now(), 'text ' || n, '{}'::jsonb, 1 FROM generate_series(1, 300) n
    UNION ALL SELECT n, CASE n % 2 WHEN 0 THEN ${group} ELSE ${friend} END, ${account}, now(), 'own ' || n, '{}', 1 FROM generate_series(1, 700) n`);
  await query(`INSERT INTO photo (id, dc_id, access_hash, file_reference, size, thumb_size, state, saved)
    SELECT n, 2, 1, '\\x00', 10, 'y', CASE WHEN n <= 650 THEN 'saved' ELSE 'owed' END, n <= 650 FROM generate_series(1, 700) n`);
  await query(`INSERT INTO message_media (chat_id, message_id, kind, media_id, position, via, link)
    SELECT chat_id, id, 'photo', id, 0, 'media', CASE WHEN id <= 650 THEN 'linked' ELSE 'pending' END FROM message`);
  // A range that touches the next one, which no version should have left; and a media without a message.
  await query(
    `INSERT INTO coverage VALUES (${channel}, 1, 100), (${channel}, 101, 250), (${channel}, 260, 300), (${friend}, 1, 700)`,
  );
  await query(
    `INSERT INTO message_media (chat_id, message_id, kind, media_id, position, via) VALUES (${friend}, 9999, 'photo', 1, 0, 'media')`,
  );
}

async function expectMigrated(query: Query): Promise<void> {
  const owners = await query(`SELECT chat_id, owner_id, count(*)::int AS rows FROM message GROUP BY 1, 2 ORDER BY 1`);
  const expected = [
    { chat_id: String(channel), owner_id: '0', rows: 300 },
    { chat_id: String(group), owner_id: String(account), rows: 350 },
    { chat_id: String(friend), owner_id: String(account), rows: 350 },
  ];
  expect(owners).toEqual(expected);
  expect(
    await query(`SELECT chat_id, owner_id, count(*)::int AS rows FROM message_media GROUP BY 1, 2 ORDER BY 1`),
  ).toEqual(expected);
  expect(await query('SELECT chat_id, owner_id, from_id, to_id FROM coverage ORDER BY 1, 3')).toEqual([
    { chat_id: String(channel), owner_id: '0', from_id: '1', to_id: '250' },
    { chat_id: String(channel), owner_id: '0', from_id: '260', to_id: '300' },
    { chat_id: String(friend), owner_id: String(account), from_id: '1', to_id: '700' },
  ]);
  const owed = await query(`SELECT owed, count(*)::int AS rows FROM message_media GROUP BY 1 ORDER BY 1 NULLS LAST`);
  expect(owed).toEqual([
    { owed: 'file', rows: 50 },
    { owed: null, rows: 950 },
  ]);
  expect(await query(`SELECT sum(length(message))::int AS text FROM message`)).toEqual([{ text: 7084 }]);
}

test('all at once, and the second time there is nothing to do', async ({ oldUrl, query }) => {
  const told: string[] = [];
  let snapshots: Promise<Record<string, unknown>[]> | undefined;
  const tell = (line: string) => {
    told.push(line);
    snapshots = query(`SELECT query FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle in transaction' AND backend_xmin IS NOT NULL`);
  };
  await migrate(oldUrl, { tell, batch: 40 });
  expect(await snapshots).toEqual([]); // one would keep the former versions of the rows on disk
  await expectMigrated(query);
  expect(told).toEqual([expect.stringContaining('new keys')]);
  expect(await migrate(oldUrl)).toEqual([]);
});

test('after a kill at any point, the next run continues', async ({ oldUrl, query }) => {
  const script = `import { migrate } from '@tgsync/shared/db'; process.send('go'); await migrate(process.argv[1], { tell() {}, batch: 5 });`;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const holder = new pg.Client({ connectionString: oldUrl });
  await holder.connect();
  // Each is the last message of a batch; so many have been marked with it.
  for (const [chat, id, rows] of [
    [group, 20, 10],
    [group, 500, 250],
    [friend, 499, 600],
  ] as const) {
    await holder.query('SELECT pg_advisory_lock(1)');
    await waitAt(query, chat, id);
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, oldUrl], {
      cwd,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const gone = once(child, 'exit');
    await vi.waitUntil(async () => (await query(waiting)).length > 0, patience);
    child.kill('SIGKILL');
    await gone;
    await holder.query('SELECT pg_advisory_unlock(1)');
    // Postgres finishes the batch.
    const marked = 'SELECT count(*)::int AS rows FROM message WHERE owner_id <> 0';
    await vi.waitFor(async () => expect(await query(marked)).toEqual([{ rows }]), patience);
  }
  await holder.end();
  await migrate(oldUrl);
  await expectMigrated(query);
});

/** Whoever changes this message waits for the lock 1. */
async function waitAt(query: Query, chat: bigint, id: number): Promise<void> {
  await query(`CREATE OR REPLACE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF (NEW.chat_id, NEW.id) = (${chat}, ${id}) THEN PERFORM pg_advisory_xact_lock(1); END IF;
      RETURN NEW;
    END $$`);
  await query('CREATE OR REPLACE TRIGGER wait_here BEFORE UPDATE ON message FOR EACH ROW EXECUTE FUNCTION wait_here()');
}

const waiting = `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
  WHERE locktype = 'advisory' AND objid = 1 AND NOT granted AND datname = current_database()`;

test('Postgres refuses invalid keys', async ({ oldUrl, query }) => {
  await migrate(oldUrl);
  const refused = async (statement: string, constraint: string) =>
    await expect(query(statement), statement).rejects.toThrow(constraint);
  const message = (id: number, chat: bigint, owner: bigint) =>
    `INSERT INTO message (id, chat_id, owner_id, date, message, raw, raw_layer) VALUES (${id}, ${chat}, ${owner}, now(), '', '{}', 1)`;
  await refused(message(1000, channel, account), 'message_owner');
  await refused(message(1000, friend, 0n), 'message_owner');
  await refused(message(2, friend, account), 'message_of_account'); // the group has it
  await query(message(2, friend, 778n)); // another account's is another message
  const media = `INSERT INTO message_media (chat_id, message_id, owner_id, kind, media_id, position, via) VALUES`;
  await refused(`${media} (${friend}, 2000, ${account}, 'photo', 1, 0, 'media')`, 'message_media_of_message');
  await refused(`${media} (${friend}, 2, 778, 'film', 1, 0, 'media')`, 'message_media_kind');
  await refused(`UPDATE message_media SET link = 'broken'`, 'message_media_link');
  await refused(`UPDATE photo SET state = 'lost', saved = false WHERE id = 1`, 'photo_state');
  await refused(`UPDATE photo SET saved = false WHERE id = 1`, 'photo_saved');
  for (const [from, to] of [[240, 255] as const, [251, 255] as const, [1, 700] as const])
    await refused(`INSERT INTO coverage VALUES (${channel}, ${from}, ${to}, 0)`, 'coverage_');
  await query(`INSERT INTO coverage VALUES (${channel}, 252, 258, 0)`);
  await query(`DELETE FROM message WHERE chat_id = ${channel} AND id = 1`);
  expect(await query(`SELECT FROM message_media WHERE chat_id = ${channel} AND message_id = 1`)).toEqual([]);
});
