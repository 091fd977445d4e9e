/** One fleet per data folder, even if several start at once or another process has the pid in running.pid. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test as base, vi } from 'vitest';
import { lockFolder } from './lock.js';
import { patience } from '@tgsync/testing';

const test = base.extend<{ data: string; start: (count: number) => ChildProcess[] }>({
  data: async ({}, use) => {
    const data = mkdtempSync(join(tmpdir(), 'tgsync-lock-'));
    await use(data);
    rmSync(data, { recursive: true, force: true });
  },
  /** Processes that lock and unlock the folder on request, and report the result. */
  start: async ({ data }, use) => {
    const script = `
      import { lockFolder } from ${JSON.stringify(new URL('../../dist/start/lock.js', import.meta.url).href)};
      let unlock;
      process.on('message', (what) => {
        if (what === 'unlock') unlock?.();
        unlock = undefined;
        if (what === 'lock') try { unlock = lockFolder(${JSON.stringify(data)}); } catch {}
        process.send(unlock !== undefined);
      });
      process.on('disconnect', () => process.exit());
      process.send('there');`;
    const file = join(data, 'racer.mjs');
    writeFileSync(file, script);
    const children: ChildProcess[] = [];
    await use((count) => {
      const more = Array.from({ length: count }, () => fork(file));
      children.push(...more);
      return more;
    });
    for (const child of children) if (child.connected) child.disconnect();
  },
});

const answer = async (child: ChildProcess) => ((await once(child, 'message')) as [unknown])[0];

async function tell(child: ChildProcess, what: 'lock' | 'unlock'): Promise<unknown> {
  const said = answer(child);
  child.send(what);
  return await said;
}

test('of many processes that race for a stale lock, one gets it', async ({ data, start }) => {
  const racers = start(8);
  await Promise.all(racers.map((it) => answer(it)));
  const winners: number[] = [];
  for (let round = 0; round < 25; round++) {
    writeFileSync(join(data, 'running.pid'), '2147483647\n');
    const got = await Promise.all(racers.map((it) => tell(it, 'lock')));
    winners.push(got.filter((it) => it === true).length);
    await Promise.all(racers.map((it) => tell(it, 'unlock')));
  }
  expect(winners).toEqual(winners.map(() => 1));
});

test('the pid of an unrelated process in running.pid does no harm', ({ data }) => {
  writeFileSync(join(data, 'running.pid'), `${process.pid}\n`);
  lockFolder(data)();
});

test('it is refused while another process holds it, and free once that was killed', async ({ data, start }) => {
  const [holder] = start(1) as [ChildProcess];
  await answer(holder);
  expect(await tell(holder, 'lock')).toBe(true);
  expect(() => lockFolder(data)).toThrow(`already running on ${data} (process ${holder.pid})`);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  lockFolder(data)();
  expect(readFileSync(join(data, 'running.pid'), 'utf8')).toBe('');
});

describe.runIf(process.platform === 'linux')('a process in running.pid that holds no lock', () => {
  const told = (child: ChildProcess) => `(process ${child.pid}). Stop it first`;

  /** A process with the command line of npm start, as an earlier version had. */
  async function earlier(cwd: string, words: string[], env: Record<string, string> = {}): Promise<ChildProcess> {
    mkdirSync(join(cwd, 'scripts'), { recursive: true });
    for (const name of ['run.mjs', 'other.mjs'])
      writeFileSync(join(cwd, 'scripts', name), `process.stdout.write('here'); setInterval(() => {}, 1000);`);
    const child = spawn(process.execPath, words, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    return child;
  }
  const claim = (data: string, { pid }: { pid?: number | undefined }) =>
    writeFileSync(join(data, 'running.pid'), `${pid}\n`);

  test('blocks the lock as an npm start on the same folder, until it exits', async ({ data }) => {
    const folder = join(data, 'data');
    mkdirSync(join(folder, 'demo'), { recursive: true });
    const started: [string, ChildProcess][] = [
      [folder, await earlier(data, ['scripts/run.mjs', 'start'])],
      [join(folder, 'demo'), await earlier(data, ['scripts/run.mjs', 'start', '--once'])],
      [data, await earlier(data, ['scripts/run.mjs', 'start', '--data', '.'])],
      [data, await earlier(data, ['scripts/run.mjs', 'start'], { TGSYNC_DATA: data })],
    ];
    for (const [at, child] of started) {
      claim(at, child);
      expect(() => lockFolder(at)).toThrow(told(child));
      expect(() => lockFolder(at)).toThrow(told(child)); // unchanged
      child.kill('SIGKILL');
      await once(child, 'exit');
      lockFolder(at)();
    }
  });

  test('is ignored as another program, another command or on another folder', async ({ data }) => {
    mkdirSync(join(data, 'data'));
    for (const words of [
      ['scripts/other.mjs', 'start'],
      ['scripts/run.mjs', 'verify'],
      ['scripts/other.mjs', '--', 'start', 'scripts/run.mjs'],
      ['scripts/run.mjs', 'start', '--data', 'elsewhere'],
    ]) {
      claim(join(data, 'data'), await earlier(data, words));
      lockFolder(join(data, 'data'))();
    }
  });

  test('is ignored once it has exited, even if nobody has waited for it', async ({ data }) => {
    const script = 'node scripts/run.mjs start & echo $!; exec sleep 60';
    const at = join(data, 'data');
    mkdirSync(at);
    mkdirSync(join(data, 'scripts'));
    writeFileSync(join(data, 'scripts', 'run.mjs'), `console.log('here'); setInterval(() => {}, 1000);`);
    const parent = spawn('sh', ['-c', script], { cwd: data, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    let said = '';
    for await (const chunk of parent.stdout) if ((said += String(chunk)).includes('here')) break;
    const pid = Number(/\d+/.exec(said));
    claim(at, { pid });
    expect(() => lockFolder(at)).toThrow(`(process ${pid})`);
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /), patience);
    lockFolder(at)();
  });
});
