/**
 * history.ts: how fast and at what cost is a chat's history read into Postgres, next to stock GramJS and mtcute with Prisma's `createMany`?
 * tgsync also keeps coverage, senders and every field of a message.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { flushesPerSecond } from './report/disk.js';
import { publish } from './report/publish.js';
import { alternate } from './report/rounds.js';
import { startPostgres } from './sides/postgres.js';
import { stockClients, stockHistory } from './sides/stock.js';
import { type Build, tgsyncHistory } from './sides/tgsync.js';
import { startTelegram } from './world/telegram.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    messages: { type: 'string', default: '100000' },
    clients: { type: 'string', default: 'tgsync,gramjs,mtcute' },
    against: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const builds: Build[] = [{ name: 'tgsync', checkout: fileURLToPath(new URL('../../', import.meta.url)) }];
if (values.against !== undefined) builds.push({ name: 'tgsync before', checkout: values.against });

const postgres = await startPostgres();
const telegram = await startTelegram({ texts: Number(values.messages), files: [] });
try {
  const wanted = values.clients.split(',');
  const ours = [];
  for (const it of wanted.includes('tgsync') ? builds : []) ours.push(await tgsyncHistory(it, telegram, postgres));
  const stock = wanted.flatMap((it) => (stockClients[it] ? [stockHistory(stockClients[it], telegram, postgres)] : []));
  const title = `${values.messages} messages into Postgres`;
  const rows = await alternate(title, [...ours, ...stock], Number(values.rounds));
  for (const it of ours) await it.close();
  const columns = ['wall', 'messagesPerSecond', 'cpu', 'cpuPer100k', 'peak', 'postgres', 'emulator'] as const;
  const sections = [{ title, rows, columns: [...columns], bars: ['cpuPer100k' as const, 'peak' as const] }];
  publish({ bench: 'history', settings: values, facts: { 'flushes a second': flushesPerSecond() }, sections }, values);
} finally {
  telegram.stop();
  await postgres.stop();
}
process.exit();
