/** usage.ts: CPU seconds and peak memory of running processes, from /proc (Linux). */
import { readFileSync } from 'node:fs';

export interface Usage {
  cpuSeconds: number;
  peakMiB: number;
}

/** Clock ticks a second; Linux has had 100 for user space on every platform that Node runs on. */
const ticks = 100;

/** Undefined when the process is gone. */
export function usageOf(pid: number): Usage | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticks, peakMiB: Number(peak?.[1] ?? 0) / 1024 };
  } catch {
    return undefined;
  }
}

/** Looks at named processes again and again, as what they used is gone when they are. */
export class Watch {
  private readonly seen = new Map<string, Usage>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly processes: () => Iterable<readonly [string, number]>) {
    this.timer = setInterval(() => this.look(), 200);
  }

  stop(): Map<string, Usage> {
    this.look();
    clearInterval(this.timer);
    return this.seen;
  }

  private look(): void {
    for (const [name, pid] of this.processes()) {
      const usage = usageOf(pid);
      if (usage) this.seen.set(name, usage);
    }
  }
}
