/**
 * small-counts.ts: loaded into a media worker before anything else: counts its statements, its calls to the file system and its flushes,
 * and reports them to the parent process on request.
 */
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Session } from 'node:inspector/promises';
import pg from 'pg';

const counts = { statements: 0, flushes: 0 };
const texts = new Map<string, number>();

const { query } = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown };
Object.assign(pg.Client.prototype, {
  query(this: unknown, ...args: unknown[]) {
    counts.statements++;
    const text = (args[0] as { text?: string }).text ?? String(args[0]);
    const short = text.replaceAll(/\s+/g, ' ').trim().slice(0, 110);
    texts.set(short, (texts.get(short) ?? 0) + 1);
    return query.apply(this, args);
  },
});

const handle = await open(tmpdir(), 'r');
const files = Object.getPrototypeOf(handle) as Record<'sync' | 'datasync', () => Promise<void>>;
await handle.close();
for (const name of ['sync', 'datasync'] as const) {
  const flush = files[name];
  files[name] = async function (this: unknown) {
    counts.flushes++;
    await flush.call(this as never);
  };
}

const session = new Session();
session.connect();
let profiling = false;
process.on('message', (request) => void answer(request as string));
process.channel?.unref();

async function answer(request: string): Promise<void> {
  if (request === 'profile') {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    profiling = true;
  }
  const profile = request === 'end' && profiling ? (await session.post('Profiler.stop')).profile : undefined;
  process.send!({ ...counts, cpuMs: sum(process.cpuUsage()) / 1000, texts: [...texts], profile });
}

function sum({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}
