/** The life of an app as a process: signals, errors, and an output that nobody reads. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../..', import.meta.url));

/** Runs an app that does `act` and reports on stderr when it is up and when it was closed. */
function app(act: string, stdio: StdioOptions = ['ignore', 'pipe', 'pipe'], before = ''): ChildProcess {
  const script = `
    ${before};
    import { runApp } from '@tgsync/shared/app';
    import { PersonError } from '@tgsync/shared/errors';
    await runApp('app', async (scope, { log }) => {
      scope.use(setInterval(() => {}, 1000), (it) => { clearInterval(it); console.error('closed'); });
      ${act};
      console.error('up');
    });`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, stdio });
}

async function endOf(child: ChildProcess) {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk))).resume();
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code: code ?? signal, stdout, stderr };
}

async function untilUp(child: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: child.stderr! })) if (line === 'up') return;
}

test.each([
  ['throws where nobody catches it', `setTimeout(() => { throw new Error('odd') }, 10)`],
  ['rejects where nobody waits', `void Promise.reject(new Error('odd'))`],
])('an app that %s logs that, closes and says that it crashed', async (_, act) => {
  const { code, stdout, stderr } = await endOf(app(act));
  expect([code, stderr]).toEqual([70, expect.stringContaining('closed')]);
  expect(stdout).toMatch(/"level":"fatal".*"message":"odd".*"msg":"unexpected error"/);
});

test('a crash at the start is distinguished from an error that a person must fix', async () => {
  expect((await endOf(app(`throw new Error('odd')`))).code).toBe(70);
  const { code, stdout } = await endOf(app(`throw new PersonError('mend this')`));
  expect(code).toBe(78);
  expect(stdout).toMatch(/"level":"fatal".*"reason":"mend this","msg":"action required"/);
});

test('a closed terminal ends it; as a child it waits for its parent', async () => {
  const alone = app('');
  await untilUp(alone);
  alone.kill('SIGHUP');
  expect((await endOf(alone)).code).toBe(0);

  const child = app(`process.on('SIGHUP', () => process.send('heard'))`, ['ignore', 'pipe', 'pipe', 'ipc']);
  await untilUp(child);
  child.kill('SIGHUP');
  await once(child, 'message');
  expect(child.exitCode).toBeNull();
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('it also exits if its parent was killed while it was still loading', async () => {
  const gone = `await new Promise((resolve) => { process.once('disconnect', resolve); console.error('up'); })`;
  const child = app('', ['ignore', 'pipe', 'pipe', 'ipc'], gone);
  await untilUp(child);
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('an output that nobody reads any more, or on a full disk, only loses its lines', async () => {
  const busy = `for (let line = 0; line < 100; line++) log.info({ line, long: 'x'.repeat(20_000) }, 'line')`;
  const unread = app(busy);
  unread.stdout!.destroy();
  await untilUp(unread);
  unread.kill('SIGTERM');
  expect((await endOf(unread)).code).toBe(0);

  if (!existsSync('/dev/full')) return;
  const full = openSync('/dev/full', 'w');
  const child = app(busy, ['ignore', full, 'pipe']);
  closeSync(full);
  await untilUp(child);
  child.kill('SIGTERM');
  expect((await endOf(child)).code).toBe(0);
});
