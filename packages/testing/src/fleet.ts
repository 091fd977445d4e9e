/** fleet.ts: the real apps as processes, for a test: started, followed through their logs, killed, stopped. */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Environment, writeEnvironment } from '@tgsync/shared/config';
import type { DiskFault } from './disk-faults.js';

export type AppName = 'scheduler' | 'fetch-worker' | 'media-worker';

export interface LogEntry {
  app: AppName;
  /** The pid of the process. */
  worker: number | undefined;
  level: string;
  msg: string;
  [field: string]: unknown;
}

/** An app gives up by itself after 20 s. */
const stopPatienceMs = 60_000;

const lastLines = 100;

const root = fileURLToPath(new URL('../../../', import.meta.url));
const diskFaults = new URL('../dist/disk-faults.js', import.meta.url).href;

/** True also after a signal, which leaves no exit code. */
export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

export class Fleet {
  readonly log: LogEntry[] = [];
  /** The running processes. */
  readonly children = new Set<ChildProcess>();
  /** Exit codes, once a process has ended and its last line has been read. */
  private readonly ends = new WeakMap<ChildProcess, Promise<number>>();
  private readonly lines = new EventEmitter();
  /** If set, the apps run on a disk with the faults in this file. */
  private faultsFile: string | undefined;

  /** The apps are those of this checkout, unless another one's folder is given. */
  constructor(
    private readonly env: Environment,
    private readonly checkout = root,
  ) {
    this.lines.setMaxListeners(100);
  }

  start(app: AppName, ...args: string[]): ChildProcess {
    const child = fork(join(this.checkout, 'apps', app, 'dist/main.js'), args, {
      env: {
        ...process.env,
        ...writeEnvironment(this.env),
        ...(this.faultsFile ? { TGSYNC_TEST_DISK_FAULTS: this.faultsFile } : {}),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--enable-source-maps', ...(this.faultsFile ? ['--import', diskFaults] : [])],
    });
    this.children.add(child);
    child.on('exit', () => this.children.delete(child));
    this.ends.set(child, new Promise((resolve) => child.on('close', (code) => resolve(code ?? -1))));
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        const entry = parse(app, child.pid, line);
        this.log.push(entry);
        this.lines.emit('line', entry);
      });
    }
    return child;
  }

  /** Sets the disk's faults; only apps started after the first call are affected. */
  diskFaults(...faults: DiskFault[]): void {
    this.faultsFile ??= join(this.env.data, 'disk-faults.json');
    writeFileSync(`${this.faultsFile}.new`, JSON.stringify(faults));
    renameSync(`${this.faultsFile}.new`, this.faultsFile);
  }

  /** Runs all apps until nothing is owed; resolves with the scheduler's exit code, after the others have stopped. */
  async runOnce(): Promise<number> {
    this.start('fetch-worker');
    this.start('media-worker');
    const code = await this.exit(this.start('scheduler', '--once'));
    await this.stop();
    return code;
  }

  /** Waits until a process has ended, and all that it logged is in `log`. */
  async exit(child: ChildProcess): Promise<number> {
    return await this.ends.get(child)!;
  }

  /** Waits for a log line, including one already written. */
  async until(matches: (entry: LogEntry) => boolean): Promise<LogEntry> {
    const found = this.log.find(matches);
    if (found) return found;
    return await new Promise((resolve) => {
      const look = (entry: LogEntry) => {
        if (!matches(entry)) return;
        this.lines.off('line', look);
        resolve(entry);
      };
      this.lines.on('line', look);
    });
  }

  async kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const gone = this.exit(child);
    child.kill(signal);
    await gone;
  }

  /** Stops all apps. Throws if one does not exit by itself; none is left running. */
  async stop(): Promise<void> {
    const results = await Promise.allSettled([...this.children].map((it) => this.stopOne(it)));
    for (const it of results) if (it.status === 'rejected') throw it.reason;
  }

  private async stopOne(child: ChildProcess): Promise<void> {
    let tooLate = false;
    const timer = setTimeout(() => (tooLate = child.kill('SIGKILL')), stopPatienceMs);
    await this.kill(child, 'SIGTERM');
    clearTimeout(timer);
    if (tooLate)
      throw new Error(`${child.spawnargs.join(' ')} (${child.pid}) did not exit within ${stopPatienceMs / 1000} s`);
  }

  /** The log lines at warning level and above, for the message of a failed test. */
  troubles(): string {
    return this.log
      .filter((it) => it.level !== 'info' && it.level !== 'debug')
      .map((it) => JSON.stringify(it))
      .join('\n');
  }

  /** What was logged last, for whoever looks for the cause of a failed test. */
  lastLines(): string {
    return this.log
      .slice(-lastLines)
      .map((it) => JSON.stringify(it))
      .join('\n');
  }
}

function parse(app: AppName, worker: number | undefined, line: string): LogEntry {
  try {
    return { ...(JSON.parse(line) as LogEntry), app, worker };
  } catch {
    return { app, worker, level: 'error', msg: line };
  }
}
