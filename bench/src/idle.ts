/** idle.ts: how much of a core does a fleet with nothing to do need, and its Postgres or Redis? On both kinds of queue, in turn. */
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Sample } from './report/measures.js';
import { publish } from './report/publish.js';
import { alternate, type Side } from './report/rounds.js';
import { startPostgres, untilCount } from './sides/postgres.js';
import { openArchive, openRound, type QueueKind } from './sides/tgsync.js';
import { usageOf } from './usage.js';
import { startTelegram } from './world/telegram.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    /** Seconds of each measurement, and of the rest before it. */
    seconds: { type: 'string', default: '60' },
    rest: { type: 'string', default: '15' },
    queues: { type: 'string', default: 'Postgres,Redis' },
    json: { type: 'boolean', default: false },
  },
});
const build = { name: 'tgsync', checkout: fileURLToPath(new URL('../../', import.meta.url)) };
const apps = ['fetch-worker', 'media-worker', 'scheduler'] as const;
const files = 20;

const postgres = await startPostgres();
const telegram = await startTelegram({ texts: 200, files: [{ count: files, min: 1000, max: 20_000, dcs: [2] }] });
const archive = await openArchive(telegram, await postgres.database());

async function measure(queue: QueueKind): Promise<Sample> {
  const databaseUrl = await postgres.database();
  const round = await openRound(archive, databaseUrl, queue, build);
  const [fetch, media, scheduler] = apps.map((app) => round.fleet.start(app).pid!) as [number, number, number];
  await round.fleet.until((it) => it.msg === 'connected to Telegram');
  await untilCount(databaseUrl, 'SELECT count(*) FROM document WHERE saved', files);
  await sleep(Number(values.rest) * 1000);
  const cpu = (pid: number | undefined) => (pid === undefined ? 0 : usageOf(pid)!.cpuSeconds);
  const read = () => [cpu(scheduler), cpu(fetch), cpu(media), postgres.cpu(), cpu(round.redisPid)];
  const [began, before] = [performance.now(), read()];
  await sleep(Number(values.seconds) * 1000);
  const seconds = (performance.now() - began) / 1000;
  const shares = read().map((it, index) => ((it - before[index]!) / seconds) * 100);
  await round.end();
  await postgres.drop(databaseUrl);
  const [schedulerShare, fetchShare, mediaShare, postgresShare, redisShare] = shares as [
    number,
    number,
    number,
    number,
    number,
  ];
  const wholeShare = shares.reduce((sum, it) => sum + it, 0);
  return { schedulerShare, fetchShare, mediaShare, postgresShare, redisShare, wholeShare };
}

try {
  const sides: Side[] = values.queues
    .split(',')
    .map((it) => ({ name: `tgsync, queues in ${it}`, run: () => measure(it as QueueKind) }));
  const title = 'CPU of an idle fleet, percent of a core';
  const rows = await alternate(title, sides, Number(values.rounds));
  const columns = [
    ...(['schedulerShare', 'fetchShare', 'mediaShare', 'postgresShare', 'redisShare', 'wholeShare'] as const),
  ];
  const sections = [{ title, rows, columns, bars: ['postgresShare' as const, 'wholeShare' as const] }];
  publish({ bench: 'idle', settings: values, facts: {}, sections }, values);
} finally {
  archive.remove();
  telegram.stop();
  await postgres.stop();
}
process.exit();
