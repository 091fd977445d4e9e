/** crew.ts: the processes of a fleet under chaos: any may be killed, paused and replaced, and at the end there are always enough. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppName, type Fleet, hasEnded } from '@tgsync/testing/fleet';
import type { Random } from './random.js';

/** How many of each there are. */
export type Sizes = Record<AppName, number>;

interface Member {
  app: AppName;
  child: ChildProcess;
}

export class Crew {
  private members: Member[] = [];
  private paused = new Set<ChildProcess>();

  constructor(
    private readonly fleet: Fleet,
    private readonly sizes: Sizes = { scheduler: 1, 'fetch-worker': 3, 'media-worker': 4 },
  ) {}

  /** Starts missing processes, including those that exited by themselves. */
  fill(): void {
    this.members = this.members.filter(({ child }) => !hasEnded(child));
    for (const app of Object.keys(this.sizes) as AppName[]) {
      const missing = this.sizes[app] - this.members.filter((it) => it.app === app).length;
      for (let count = 0; count < missing; count++) this.start(app);
    }
  }

  async replace(random: Random, signal: 'SIGKILL' | 'SIGTERM'): Promise<string> {
    const one = this.any(random);
    if (!one) return 'nobody to end';
    if (signal === 'SIGKILL') await this.fleet.kill(one.child, signal);
    else one.child.kill(signal); // the next one may start before it has exited
    this.start(one.app);
    return `${one.app} ${one.child.pid}: ${signal}, and another one starts`;
  }

  /** So that they read config.json again. */
  async restart(app: AppName): Promise<void> {
    await Promise.all(
      this.members.filter((it) => it.app === app).map(({ child }) => this.fleet.kill(child, 'SIGTERM')),
    );
    this.fill();
  }

  async pause(random: Random, ms: number): Promise<string> {
    const one = this.any(random);
    if (!one) return 'nobody to pause';
    one.child.kill('SIGSTOP');
    this.paused.add(one.child);
    void sleep(ms).then(() => this.go(one.child));
    return `${one.app} ${one.child.pid}: paused for ${ms} ms`;
  }

  /** Starts one more, or a second scheduler as if by mistake. */
  scale(random: Random): string {
    const app = random.pick(['media-worker', 'media-worker', 'fetch-worker', 'scheduler'] as const);
    this.start(app);
    return `one more ${app}`;
  }

  /** Resumes everybody and stops the surplus. */
  calm(): void {
    this.wake();
    this.fill();
    for (const app of Object.keys(this.sizes) as AppName[]) {
      for (const { child } of this.members.filter((it) => it.app === app).slice(this.sizes[app])) child.kill('SIGTERM');
    }
  }

  /** Resumes everybody. */
  wake(): void {
    for (const child of this.paused) this.go(child);
  }

  private start(app: AppName): void {
    const child = this.fleet.start(app);
    this.members.push({ app, child });
  }

  private go(child: ChildProcess): void {
    child.kill('SIGCONT');
    this.paused.delete(child);
  }

  private any(random: Random): Member | undefined {
    const running = this.members.filter(({ child }) => !hasEnded(child) && !this.paused.has(child));
    return running.length > 0 ? random.pick(running) : undefined;
  }
}
