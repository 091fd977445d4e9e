/** many.ts: the fleet with several workers of one kind: what they do in a second, and the CPU time of each kind of process. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Sample } from '../report/measures.js';
import type { Side } from '../report/rounds.js';
import { usageOf } from '../usage.js';
import type { BenchTelegram } from '../world/telegram.js';
import { type BenchPostgres, untilCount } from './postgres.js';
import { type Build, openArchive, openRound, type QueueKind, savedFiles } from './tgsync.js';

export interface ManySetting {
  telegram: BenchTelegram;
  postgres: BenchPostgres;
  build: Build;
  queue: QueueKind;
  inFlight: number;
  latencyMs: number;
}

type Cpu = Record<'workers' | 'scheduler' | 'fetch' | 'postgres' | 'redis' | 'emulator' | 'machine', number>;

/** CPU seconds that this machine's processes have used so far, all together. */
function machineCpu(): number {
  const [user, nice, system, , , irq, soft] = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/).slice(1);
  return [user, nice, system, irq, soft].reduce((sum, it) => sum + Number(it), 0) / 100;
}

const cpuOf = (pids: readonly (number | undefined)[]) =>
  pids.reduce<number>((sum, pid) => sum + (pid === undefined ? 0 : (usageOf(pid)?.cpuSeconds ?? 0)), 0);

/** What was used between two readings. */
function difference(before: Cpu, after: Cpu, wall: number): Sample {
  const { machine, ...ours } = Object.fromEntries(
    Object.entries(after).map(([name, it]) => [name, it - before[name as keyof Cpu]]),
  ) as Cpu;
  const all = Object.values(ours).reduce((sum, it) => sum + it, 0);
  return { wall, ...ours, others: Math.min(cpus().length, Math.max(0, machine - all) / wall) };
}

/** Downloads every file with so many media workers, from the first request until all are recorded as saved. */
export async function manyMediaWorkers(
  setting: ManySetting,
  counts: readonly number[],
): Promise<{ sides: Side[]; close: () => void }> {
  const { telegram, postgres, build, queue, inFlight, latencyMs } = setting;
  const base = await postgres.database();
  const archive = await openArchive(telegram, base, { concurrent_downloads: inFlight });
  const reading = await openRound(archive, base, 'Postgres', build);
  for (const app of ['fetch-worker', 'scheduler'] as const) reading.fleet.start(app);
  await reading.fleet.until((it) => it.msg === 'connected to Telegram');
  await untilCount(base, 'SELECT count(*) FROM document', telegram.files);
  await reading.end();

  const run = async (workers: number): Promise<Sample> => {
    const databaseUrl = await postgres.database(base);
    const round = await openRound(archive, databaseUrl, queue, build);
    const [fetch, scheduler] = (['fetch-worker', 'scheduler'] as const).map((app) => round.fleet.start(app).pid);
    await round.fleet.until((it) => it.msg === 'connected to Telegram');
    telegram.latency(latencyMs);
    const pids = Array.from({ length: workers }, () => round.fleet.start('media-worker').pid);
    const read = (): Cpu => ({
      workers: cpuOf(pids),
      scheduler: cpuOf([scheduler]),
      fetch: cpuOf([fetch]),
      postgres: postgres.cpu(),
      redis: cpuOf([round.redisPid]),
      emulator: cpuOf([telegram.child.pid]),
      machine: machineCpu(),
    });
    // All of them have started by then, so that what is measured is work.
    const warm = Math.ceil(telegram.files / 10);
    await untilCount(databaseUrl, savedFiles, warm);
    const [began, before] = [performance.now(), read()];
    await untilCount(databaseUrl, savedFiles, telegram.files);
    const wall = (performance.now() - began) / 1000;
    const sample = difference(before, read(), wall);
    telegram.latency(0);
    await round.end();
    await postgres.drop(databaseUrl);
    const share = (telegram.files - warm) / telegram.files;
    return {
      ...sample,
      filesPerSecond: (telegram.files * share) / wall,
      speed: (telegram.bytes * share) / 2 ** 20 / wall,
    };
  };
  const sides = counts.map((count) => ({ name: `${count} media, ${queue}`, run: () => run(count) }));
  return { sides, close: () => archive.remove() };
}

/** Reads the whole history with so many fetch workers, each with a login of its own. */
export async function manyFetchWorkers(
  { telegram, postgres, build }: Pick<ManySetting, 'telegram' | 'postgres' | 'build'>,
  counts: readonly number[],
): Promise<{ sides: Side[]; close: () => void }> {
  const archive = await openArchive(telegram, await postgres.database());
  for (let login = 2; login <= Math.max(...counts); login++) await archive.logIn(login);
  const run = async (workers: number): Promise<Sample> => {
    const databaseUrl = await postgres.migrated();
    const round = await openRound(archive, databaseUrl, 'Postgres', build);
    const scheduler = round.fleet.start('scheduler').pid;
    await round.fleet.until((it) => it.app === 'scheduler' && it.msg === 'planning');
    const pids = Array.from({ length: workers }, () => round.fleet.start('fetch-worker').pid!);
    const connected = new Set<number>();
    await round.fleet.until((it) => {
      if (it.msg === 'connected to Telegram') connected.add(it.worker!);
      return connected.size === workers;
    });
    const read = (): Cpu => ({
      workers: cpuOf(pids),
      scheduler: cpuOf([scheduler]),
      fetch: 0,
      postgres: postgres.cpu(),
      redis: 0,
      emulator: cpuOf([telegram.child.pid]),
      machine: machineCpu(),
    });
    const counting = 'SELECT count(*) FROM message';
    const warm = Math.ceil(telegram.messages / 10);
    await untilCount(databaseUrl, counting, warm, 100);
    const [began, before] = [performance.now(), read()];
    await untilCount(databaseUrl, counting, telegram.messages, 100);
    const wall = (performance.now() - began) / 1000;
    const sample = difference(before, read(), wall);
    await round.end();
    await postgres.drop(databaseUrl);
    return { ...sample, messagesPerSecond: (telegram.messages - warm) / wall };
  };
  const sides = counts.map((count) => ({ name: `${count} fetch`, run: () => run(count) }));
  return { sides, close: () => archive.remove() };
}
