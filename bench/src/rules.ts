/**
 * rules.ts: what do rules for media cost when messages are stored? Alternating rounds without rules and with six that all are looked at;
 * every message has a file. CPU of this process and of Postgres.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseConfig, settingsOf, wantedChats } from '@tgsync/shared/config';
import { claimForAccount, closeDb, openDb, recordSettings, storePage } from '@tgsync/shared/db';
import { bare } from '@tgsync/shared/db/bare';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { accountId, document, message, page } from '@tgsync/testing/pages';
import { usageOf } from './usage.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, messages: { type: 'string', default: '20000' } },
});
const [rounds, count] = [Number(values.rounds), Number(values.messages)];
/** Messages of one insert. */
const pageSize = 1000;
const chatId = -1_000_000_000_001n;

const media = [
  { take: { kind: 'photo' } },
  { skip: { size: { min: '1 GiB' } } },
  { skip: { name: '(?i)\\.(exe|msi)$' } },
  { skip: { caption: '(?i)#(ad|sponsored)\\b' } },
  { skip: { sender: [1, 2, 3], date: { until: '2000-01-01' } } },
  { skip: { mime: ['image/*', 'audio/*'], topic: 9 } },
];

const credentials = { api_id: 1, api_hash: '00112233445566778899aabbccddeeff' };
const configWith = (rules: unknown) =>
  parseConfig(JSON.stringify({ tg: { ...credentials, chats: { [`${chatId}`]: { media: rules } } } }));

const folder = mkdtempSync(join(tmpdir(), 'tgsync-bench-'));
chmodSync(folder, 0o755); // when run as root, Postgres' user must be able to enter it
const postgres = await openEmbeddedPostgres(join(folder, 'postgres'));
try {
  const db = bare(await openDb(postgres.url, { migrate: true, connections: 1 }));
  await claimForAccount(db, accountId, 1);
  const [{ pid }] = await db.$queryRaw<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`;
  let next = 1n;
  const cpu = () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6 + usageOf(pid)!.cpuSeconds;

  /** CPU seconds for so many messages. */
  const store = async (rules: unknown): Promise<number> => {
    const config = configWith(rules);
    await recordSettings(db, settingsOf(config), wantedChats(config));
    const pages = Array.from({ length: count / pageSize }, () =>
      page(
        chatId,
        Array.from({ length: pageSize }, () => {
          const id = next++;
          const text = 'Words that somebody wrote below a file, as people do. '.repeat(Number(id % 5n));
          return message(id, { message: text, media: [document(id, { name: `report-${id}.pdf` })] });
        }),
      ),
    );
    const began = cpu();
    for (const it of pages) await storePage(db, it);
    return cpu() - began;
  };

  await store(true);
  const [without, using]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    without.push(await store(true));
    using.push(await store(media));
  }
  const median = (of: number[]) => of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)]!;
  const ms = (seconds: number) => `${((seconds * 1000) / (count / pageSize)).toFixed(0)} ms`;
  console.log(`CPU for 1,000 messages, median of ${rounds} alternating rounds of ${count} messages:`);
  console.log(`without rules ${ms(median(without))}, with six ${ms(median(using))}`);
  console.log(`ratio of each round: ${using.map((it, index) => (it / without[index]!).toFixed(3)).join(', ')}`);
  await closeDb(db);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
