/** screen.ts: live progress: a table that redraws itself on a terminal, otherwise an occasional line. */
import { type ChatStatus, chatStatuses, type Db } from '@tgsync/shared/db';
import prettyBytes from 'pretty-bytes';
import { statusTable } from '../status-table.js';
import { print } from '../terminal.js';

const everyMs = process.stdout.isTTY ? 1000 : 3000;
/** Each time nothing has changed the pause doubles, up to this. */
const calmestMs = 12_000;

/**
 * Counting ten million messages takes a while and must never be what keeps the database busy. A single slow count does not mean that: the
 * machine may have been busy, as it is when everything starts. `unchanged`: how many times in a row it counted the same.
 */
export function pauseAfter(tookMs: number, previousMs: number, unchanged = 0): number {
  const calmMs = Math.min(calmestMs, everyMs * 2 ** Math.min(unchanged, 10));
  return Math.max(calmMs, Math.min(tookMs, previousMs) * 20);
}

export class Screen {
  private lines = 0;
  private timer: NodeJS.Timeout | undefined;
  private last = '';
  private stopped = false;

  constructor(private readonly db: Db) {}

  start(): void {
    let previousMs = 0;
    let unchanged = 0;
    const redraw = async () => {
      const began = performance.now();
      const before = this.last;
      const tookMs = await this.draw().then(
        () => performance.now() - began,
        () => 0, // an outage does not count as work
      );
      unchanged = this.last === before ? unchanged + 1 : 0;
      const pauseMs = pauseAfter(tookMs, previousMs, unchanged);
      previousMs = tookMs;
      if (!this.stopped) this.timer = setTimeout(() => void redraw(), pauseMs);
    };
    void redraw();
  }

  /** Prints text that stays, above the table. */
  print(text: string): void {
    this.erase();
    print(text);
  }

  /** Ends with the final table. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.erase();
    const chats = await chatStatuses(this.db).catch(() => undefined);
    if (chats) print(`${statusTable(chats)}\n${summary(chats)}`);
  }

  private async draw(): Promise<void> {
    const chats = await chatStatuses(this.db);
    if (this.stopped || chats.length === 0) return;
    const text = summary(chats);
    const isNew = text !== this.last;
    this.last = text;
    if (!process.stdout.isTTY) {
      if (isNew) print(text);
      return;
    }
    const table = `${statusTable(chats)}\n${text}`;
    this.erase();
    print(table);
    this.lines = table.split('\n').length;
  }

  private erase(): void {
    if (this.lines > 0) process.stdout.write(`\u001B[${this.lines}A\u001B[J`);
    this.lines = 0;
  }
}

function summary(chats: readonly ChatStatus[]): string {
  const sum = (of: (it: ChatStatus) => number) => chats.reduce((total, it) => total + of(it), 0);
  const bytes = chats.reduce((total, it) => total + it.bytes, 0n);
  return [
    `${chats.filter((it) => it.state === 'ok' && it.owedIds === 0n).length} of ${chats.length} chats read`,
    `${sum((it) => it.messages).toLocaleString('en')} messages`,
    `${sum((it) => it.mediaSaved)} files saved (${prettyBytes(bytes)}), ${sum((it) => it.mediaOwed)} owed, ${sum((it) => it.mediaFailed)} failed`,
  ].join(' · ');
}
