/** running.ts: the downloads running now, for job progress and the summary in the log. */
import type { Logger } from '@tgsync/shared/app';
import { type Db, type Media, remainingMedia } from '@tgsync/shared/db';

/** The speed is measured over the last few seconds. */
const windowMs = 10_000;

export class Running {
  readonly began = performance.now();
  private done: number;
  private samples: { at: number; bytes: number }[] = [];

  constructor(
    readonly name: string,
    readonly total: number,
    already: number,
  ) {
    this.done = already;
    this.samples.push({ at: this.began, bytes: already });
  }

  add(bytes: number): void {
    this.done += bytes;
    const at = performance.now();
    this.samples.push({ at, bytes: this.done });
    while (this.samples.length > 2 && this.samples[0]!.at < at - windowMs) this.samples.shift();
  }

  /** `progress` is what the dashboard shows. */
  get progress(): { bytes: number; total: number; progress: number; bytesPerSecond: number } {
    const { at, bytes } = this.samples[0]!;
    const seconds = Math.max(0.001, (performance.now() - at) / 1000);
    const progress = this.total === 0 ? 100 : Math.floor((this.done / this.total) * 100);
    return { bytes: this.done, total: this.total, progress, bytesPerSecond: Math.round((this.done - bytes) / seconds) };
  }
}

export class RunningDownloads {
  private readonly running = new Set<Running>();
  private files = 0;
  private bytes = 0;
  private last = { at: performance.now(), bytes: 0 };

  start(media: Media, already: number): Running {
    const it = new Running(media.name ?? `${media.kind} ${media.id}`, Number(media.size), already);
    this.running.add(it);
    return it;
  }

  received(bytes: number): void {
    this.bytes += bytes;
  }

  end(it: Running, saved: boolean): void {
    this.running.delete(it);
    if (saved) this.files++;
  }

  /** One line per running download, then totals, what is left and the estimated time. */
  async summarise(db: Db, log: Logger): Promise<void> {
    const now = performance.now();
    const bytesPerSecond = Math.round(((this.bytes - this.last.bytes) / Math.max(1, now - this.last.at)) * 1000);
    this.last = { at: now, bytes: this.bytes };
    if (this.running.size === 0 && bytesPerSecond === 0) return;
    for (const { name, progress: it } of this.running) {
      log.info(
        { name, bytes: it.bytes, total: it.total, percent: it.progress, bytesPerSecond: it.bytesPerSecond },
        'downloading',
      );
    }
    const left = await remainingMedia(db);
    const etaSeconds = bytesPerSecond > 0 ? Math.round(Number(left.bytes) / bytesPerSecond) : null;
    log.info(
      {
        files: this.files,
        bytes: this.bytes,
        bytesPerSecond,
        leftFiles: left.files,
        leftBytes: Number(left.bytes),
        etaSeconds,
      },
      'download summary',
    );
  }
}
