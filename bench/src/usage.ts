/** usage.ts: CPU seconds and memory of running processes, from /proc (Linux). */
import { readFileSync } from 'node:fs';

export interface Usage {
  cpuSeconds: number;
  peakMiB: number;
}

/** Clock ticks per second; Linux uses 100 for user space on every platform that Node supports. */
const ticks = 100;

/** Returns undefined if the process is gone. */
export function usageOf(pid: number): Usage | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticks, peakMiB: Number(peak?.[1] ?? 0) / 1024 };
  } catch {
    return undefined;
  }
}

/** CPU seconds of a process, its children, and theirs that have ended. */
export function treeCpu(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const own = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0) / ticks;
  const alive = childPids(pid).map((it) => usageOf(it)?.cpuSeconds ?? 0);
  return alive.reduce((sum, it) => sum + it, own);
}

/** A process's current memory in MiB; shared pages count proportionally (PSS). */
export function memoryOf(pid: number): number {
  const kB = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(kB![1]) / 1024;
}

/** The child processes of a process, each with its arguments. */
export function childrenOf(pid: number): { pid: number; args: string[] }[] {
  return childPids(pid).map((it) => ({ pid: it, args: readFileSync(`/proc/${it}/cmdline`, 'utf8').split('\0') }));
}

function childPids(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** Samples named processes repeatedly, because their usage is lost once they exit. */
export class Watch {
  private readonly seen = new Map<string, Usage>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly processes: () => Iterable<readonly [string, number]>) {
    this.timer = setInterval(() => this.sample(), 200);
  }

  stop(): Map<string, Usage> {
    this.sample();
    clearInterval(this.timer);
    return this.seen;
  }

  private sample(): void {
    for (const [name, pid] of this.processes()) {
      const usage = usageOf(pid);
      // A process that has exited and was not waited for yet has no memory any more.
      if (usage) this.seen.set(name, { ...usage, peakMiB: Math.max(usage.peakMiB, this.seen.get(name)?.peakMiB ?? 0) });
    }
  }
}

/** CPU seconds of a process and its children, including those that have ended; 0 if it is gone. */
export function cpuOfFamily(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    const own = fields.slice(11, 15).reduce((sum, it) => sum + Number(it), 0) / ticks;
    return childrenOf(pid).reduce((sum, it) => sum + cpuOfFamily(it.pid), own);
  } catch {
    return 0;
  }
}
