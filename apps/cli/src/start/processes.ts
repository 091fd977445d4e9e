/** processes.ts: starts the fleet's processes on this machine, keeps them running and stops them together. They end when we do. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LogFile } from './log-file.js';
import { afterEnd } from './restarts.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

export type AppName = 'scheduler' | 'fetch-worker' | 'media-worker';

export interface FleetOptions {
  env: Record<string, string>;
  logs: string;
  /** Called with each log line. */
  onLine: (app: AppName, line: LogLine) => void;
  /** The program to run for an app; default: the app itself. */
  programOf?: (name: AppName) => string;
}

export interface LogLine {
  level: string;
  msg: string;
  reason?: string;
  address?: string;
}

interface Member {
  name: AppName;
  child: ChildProcess;
  startedAt: number;
}

/** A process that exits sooner than this never got to work. */
const quickMs = 5000;
const stopMs = 25_000;

export class Fleet {
  private readonly members = new Map<AppName, Member>();
  private readonly quickEnds = new Map<AppName, number>();
  private stopping = false;
  /** Resolves with the exit code of a scheduler that finished, or of a process that cannot run. */
  readonly ended: Promise<number>;
  private end!: (code: number) => void;

  constructor(private readonly options: FleetOptions) {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  start(name: AppName, args: readonly string[] = []): void {
    const { env, logs, onLine, programOf = packagedApp } = this.options;
    const child = fork(programOf(name), [...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'], // the channel tells the child when we are gone
      execArgv: ['--enable-source-maps'],
    });
    const member = { name, child, startedAt: performance.now() };
    this.members.set(name, member);
    const file = new LogFile(join(logs, `${name}.log`), (msg) => onLine(name, { level: 'warn', msg }));
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        file.write(line);
        const parsed = parseLine(line);
        if (parsed) onLine(name, parsed);
      });
    }
    child.on('exit', (code) => this.onExit(member, args, code));
  }

  /** Stops all, the scheduler first, and kills those that do not stop in time, which loses nothing. */
  async stop(): Promise<void> {
    this.stopping = true;
    const children = [...this.members.values()]
      .map((it) => it.child)
      .filter((it) => it.exitCode === null && it.signalCode === null);
    await Promise.all(
      children.map(async (child) => {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
        await gone;
        clearTimeout(timer);
      }),
    );
  }

  private onExit({ name, startedAt }: Member, args: readonly string[], code: number | null): void {
    this.members.delete(name);
    if (this.stopping) return;
    const quickEnds = performance.now() - startedAt < quickMs ? (this.quickEnds.get(name) ?? 0) + 1 : 0;
    this.quickEnds.set(name, quickEnds);
    const next = afterEnd({ code, isOnce: args.includes('--once'), quickEnds });
    if ('end' in next) return this.end(next.end);
    const how = code === null ? 'was killed' : `exited with code ${code}`;
    this.options.onLine(name, { level: 'warn', msg: `${how}; restarting` });
    setTimeout(() => this.stopping || this.start(name, args), next.restartMs);
  }
}

function packagedApp(name: AppName): string {
  return join(root, 'apps', name, 'dist', 'main.js');
}

function parseLine(line: string): LogLine | undefined {
  try {
    const it = JSON.parse(line) as LogLine & { err?: { message?: string } };
    return { level: it.level, msg: it.msg, reason: it.reason ?? it.err?.message, address: it.address };
  } catch {
    return line.trim() ? { level: 'error', msg: line } : undefined;
  }
}
