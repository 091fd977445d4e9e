/** stock.ts: the other clients' sides of the comparisons: a fresh process for each round. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startClient } from '../clients/start.js';
import type { Task } from '../clients/task.js';
import type { Side } from '../report/rounds.js';
import type { BenchTelegram } from '../world/telegram.js';
import type { BenchPostgres } from './postgres.js';
import { forFiles, forMessages, span } from './span.js';

interface Stock {
  name: string;
  client: 'gramjs' | 'mtcute';
  tuned: boolean;
}

/** By the names of the option `--clients`. */
export const stockClients: Record<string, Stock> = {
  gramjs: { name: 'GramJS', client: 'gramjs', tuned: false },
  mtcute: { name: 'mtcute', client: 'mtcute', tuned: false },
  'mtcute-tuned': { name: 'mtcute, 512 KiB × 4 connections', client: 'mtcute', tuned: true },
};

const taskOf = ({ server, addresses, account, chat }: BenchTelegram, tuned: boolean, inFlight: number): Task => ({
  telegram: { server, addresses, account, chat },
  tuned,
  inFlight,
});

export interface MediaSetting {
  telegram: BenchTelegram;
  inFlight: number;
  latencyMs: number;
}

/** Downloads every file to disk. */
export function stockMedia(stock: Stock, { telegram, inFlight, latencyMs }: MediaSetting): Side {
  return {
    name: stock.name,
    async run() {
      const folder = mkdtempSync(join(tmpdir(), 'tgsync-bench-'));
      const client = await startClient(`${stock.client}-media`, taskOf(telegram, stock.tuned, inFlight));
      telegram.latency(latencyMs);
      const sample = await span({ telegram, pid: client.pid, from: 'upload.getFile' }, async () => {
        await client.work(folder);
        await untilWritten(folder, telegram.bytes);
      });
      telegram.latency(0);
      await client.stop();
      rmSync(folder, { recursive: true });
      return forFiles(sample, telegram);
    },
  };
}

/** mtcute's `downloadToFile` resolves before the last bytes are written. */
async function untilWritten(folder: string, bytes: number): Promise<void> {
  for (;;) {
    const written = readdirSync(folder).reduce((sum, it) => sum + statSync(join(folder, it)).size, 0);
    if (written === bytes) return;
    if (written > bytes) throw new Error(`${written} bytes were written instead of ${bytes}`);
    await sleep(20);
  }
}

/** Reads the whole history into a database of its own. */
export function stockHistory(stock: Stock, telegram: BenchTelegram, postgres: BenchPostgres): Side {
  return {
    name: stock.name,
    async run() {
      const databaseUrl = await postgres.migrated();
      const task = { ...taskOf(telegram, stock.tuned, 1), databaseUrl };
      const client = await startClient(`${stock.client}-history`, task);
      const measured = { telegram, postgres, pid: client.pid, from: 'messages.getHistory' };
      const sample = await span(measured, () => client.work(''));
      await client.stop();
      await postgres.drop(databaseUrl);
      return forMessages(sample, telegram.messages);
    },
  };
}
