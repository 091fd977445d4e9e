/** span.ts: what one process, the emulator and Postgres use between two moments. */
import type { Sample } from '../report/measures.js';
import { usageOf } from '../usage.js';
import type { BenchTelegram } from '../world/telegram.js';
import type { BenchPostgres } from './postgres.js';

export interface Measured {
  telegram: BenchTelegram;
  postgres?: BenchPostgres;
  /** The process that does the work. */
  pid: number;
  /** The call whose arrival begins the measurement: start-up and login are not part of it. */
  from: string;
}

const GiB = 2 ** 30;

/** Measures from the first call of a method, which `work` brings about, until `work` has resolved. */
export async function span({ telegram, postgres, pid, from }: Measured, work: () => Promise<void>): Promise<Sample> {
  const read = () => ({
    cpu: usageOf(pid)?.cpuSeconds ?? Number.NaN,
    emulator: usageOf(telegram.child.pid!)!.cpuSeconds,
    postgres: postgres?.cpu() ?? 0,
  });
  const begun = telegram.nextCall(from).then((at) => ({ at, before: read() }));
  const [{ at, before }] = await Promise.all([begun, work()]);
  const [wall, after] = [(Date.now() - at) / 1000, read()];
  return {
    wall,
    cpu: after.cpu - before.cpu,
    peak: usageOf(pid)!.peakMiB,
    emulator: after.emulator - before.emulator,
    ...(postgres && { postgres: after.postgres - before.postgres }),
  };
}

/** Adds what follows from a number of files and bytes. */
export function forFiles(sample: Sample, { files, bytes }: { files: number; bytes: number }): Sample {
  const { wall = 0, cpu = 0, emulator = 0 } = sample;
  return {
    ...sample,
    speed: bytes / 2 ** 20 / wall,
    cpuPerGiB: (cpu * GiB) / bytes,
    emulatorPerGiB: (emulator * GiB) / bytes,
    filesPerSecond: files / wall,
    cpuPerFile: (cpu * 1000) / files,
  };
}

/** Adds what follows from a number of messages. */
export function forMessages(sample: Sample, messages: number): Sample {
  const { wall = 0, cpu = 0 } = sample;
  return { ...sample, messagesPerSecond: messages / wall, cpuPer100k: (cpu * 100_000) / messages };
}
