/**
 * triggers.ts: what do the triggers cost that note which chats have changed, when pages of history are stored? Rounds with them, without
 * them, and with those of the migration that introduced them, which looked for each new file by itself. CPU of Postgres alone.
 */
import { parseArgs } from 'node:util';
import { claimForAccount, closeDb, openDb, storePage } from '@tgsync/shared/db';
import { bare, type BareDb } from '@tgsync/shared/db/bare';
import { accountId, document, message, page } from '@tgsync/testing/pages';
import type { Sample } from './report/measures.js';
import { publish } from './report/publish.js';
import { alternate } from './report/rounds.js';
import { startPostgres } from './sides/postgres.js';
import { usageOf } from './usage.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    messages: { type: 'string', default: '100000' },
    /** One message of so many holds a file. */
    every: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
});
const [count, every] = [Number(values.messages), BigInt(values.every)];
const pageSize = 100;
const chatId = -1_000_000_000_001n;

const triggers = [
  ['message', 'counted_added'],
  ['message_media', 'counted_added'],
  ['photo', 'counted_added'],
  ['document', 'counted_added'],
];

const postgres = await startPostgres();

/** Stores the pages in a database of its own, by one connection. */
async function measure(prepare: (db: BareDb) => Promise<void>): Promise<Sample> {
  const url = await postgres.migrated();
  const db = bare(await openDb(url, { connections: 1 }));
  await claimForAccount(db, accountId, 1);
  await prepare(db);
  const [{ pid }] = await db.$queryRaw<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`;
  for (const it of pages(1n, 2000)) await storePage(db, it); // plans are made, tables are there
  await db.$executeRaw`ANALYZE`;
  const before = usageOf(pid)!.cpuSeconds;
  for (const it of pages(1_000_001n, count)) await storePage(db, it);
  const cpu = usageOf(pid)!.cpuSeconds - before;
  await closeDb(db);
  await postgres.drop(url);
  return { cpuPer100k: (cpu / count) * 100_000 };
}

function* pages(first: bigint, messages: number) {
  for (let from = first; from < first + BigInt(messages); from += BigInt(pageSize)) {
    const ids = Array.from({ length: pageSize }, (_, at) => from + BigInt(at));
    yield page(
      chatId,
      ids.map((id) => message(id, id % every === 0n ? { media: [document(id)] } : {})),
    );
  }
}

async function withoutThem(db: BareDb): Promise<void> {
  for (const [table, trigger] of triggers)
    await db.$executeRawUnsafe(`ALTER TABLE ${table} DISABLE TRIGGER ${trigger}`);
}

async function oneByOne(db: BareDb): Promise<void> {
  for (const table of ['photo', 'document']) {
    await db.$executeRawUnsafe(`DROP TRIGGER counted_added ON ${table}`);
    await db.$executeRawUnsafe(
      `CREATE TRIGGER counted_added AFTER INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION chat_changed_by_media()`,
    );
  }
}

try {
  const sides = [
    { name: 'with them', run: () => measure(async () => {}) },
    { name: 'without them', run: () => measure(withoutThem) },
    { name: 'one look for each new file', run: () => measure(oneByOne) },
  ];
  const title = `Postgres' CPU for pages of ${pageSize}, one message of ${every} with a file`;
  const rows = await alternate(title, sides, Number(values.rounds));
  publish(
    {
      bench: 'triggers',
      settings: values,
      facts: {},
      sections: [{ title, rows, columns: ['cpuPer100k'], bars: ['cpuPer100k'] }],
    },
    values,
  );
} finally {
  await postgres.stop();
}
process.exit();
