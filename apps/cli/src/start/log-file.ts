/**
 * log-file.ts: writes an app's lines to a file, rotated daily and when full, like log.dir. A full disk or an unusable folder costs lines,
 * which is reported once, but never the fleet.
 */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { keepLogsPrivate } from '@tgsync/shared/app';

/** How many rotated files are kept. */
const kept = 9;
const mostBytes = 20 * 1024 ** 2;

export class LogFile {
  private dropped = 0;
  private isPrivate = false;
  /** Of the current file; undefined: not checked yet. */
  private now: { bytes: number; day: string } | undefined;

  constructor(
    private readonly file: string,
    private readonly say: (text: string) => void,
    private readonly limit = mostBytes,
  ) {}

  write(line: string): void {
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o750 });
      if (!this.isPrivate) keepLogsPrivate(dirname(this.file));
      this.isPrivate = true;
      this.rotate();
      appendFileSync(this.file, `${line}\n`, { mode: 0o640 });
      this.now!.bytes += Buffer.byteLength(line) + 1;
      if (this.dropped > 0) this.say(`${this.file} can be written again; ${this.dropped} lines were lost`);
      this.dropped = 0;
    } catch (error) {
      if (this.dropped++ === 0)
        this.say(`${this.file} cannot be written, losing log lines: ${(error as Error).message}`);
    }
  }

  /** `x.log` becomes `x.log.1`, which becomes `x.log.2`, and so on; the last one is deleted. */
  private rotate(): void {
    const day = dayOf(new Date());
    if (!this.now) {
      const found = statSync(this.file, { throwIfNoEntry: false });
      this.now = { bytes: found?.size ?? 0, day: found ? dayOf(found.mtime) : day };
    }
    if (this.now.bytes === 0 || (this.now.bytes < this.limit && this.now.day === day)) return;
    for (let nth = kept; nth > 0; nth--) {
      const from = nth === 1 ? this.file : `${this.file}.${nth - 1}`;
      if (statSync(from, { throwIfNoEntry: false })) renameSync(from, `${this.file}.${nth}`);
    }
    this.now = { bytes: 0, day };
  }
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
