/** A command that is interrupted in the middle of its work leaves no Postgres running. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@tgsync/shared/db';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { describe, expect, test as base } from 'vitest';

const test = base.extend<{ data: string }>({
  data: async ({}, use) => {
    const data = mkdtempSync(join(tmpdir(), 'tgsync-open-archive-'));
    chmodSync(data, 0o755); // when run as root, Postgres' own user has to enter it
    mkdirSync(join(data, 'appdata'));
    const tg = { api_id: 1, api_hash: '0123456789abcdef0123456789abcdef', chats: {} };
    writeFileSync(join(data, 'appdata', 'config.json'), JSON.stringify({ tg }));
    const first = await openEmbeddedPostgres(join(data, 'postgres'));
    await migrate(first.url); // usually the scheduler does this, and commands wait for it
    await first.stop();
    await use(data);
    await openEmbeddedPostgres(join(data, 'postgres')).then((it) => it.stop());
    rmSync(data, { recursive: true, force: true });
  },
});

test.for(['SIGHUP', 'SIGINT'] as const)('%s ends what was started for the moment, too', async (signal, { data }) => {
  const script = `
    import { readEnvironment } from '@tgsync/shared/config';
    import { withArchive } from ${JSON.stringify(new URL('../dist/open-archive.js', import.meta.url).href)};
    await withArchive(readEnvironment({ TGSYNC_DATA: process.argv[1] }), () => {
      process.stdout.write('at work');
      return new Promise((resolve) => setTimeout(resolve, 1_000_000));
    });`;
  const command = spawn(process.execPath, ['--input-type=module', '-e', script, data], {
    cwd: new URL('..', import.meta.url).pathname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(command.stdout, 'data');
  const pidFile = join(data, 'postgres', 'data', 'postmaster.pid');
  expect(existsSync(pidFile)).toBe(true);
  command.kill(signal);
  expect(await once(command, 'exit')).toEqual([130, null]);
  expect(existsSync(pidFile)).toBe(false);
});

/** Runs a program on a terminal and types into it. */
function onTerminal(program: string, data: string) {
  const command = spawn('script', ['-qec', 'exec node --input-type=module -e "$PROGRAM" "$DATA"', '/dev/null'], {
    cwd: new URL('..', import.meta.url).pathname,
    env: { ...process.env, PROGRAM: program, DATA: data },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return {
    ended: once(command, 'exit'),
    type: (keys: string) => void command.stdin.write(keys),
    async until(words: string) {
      let said = '';
      for await (const chunk of command.stdout.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)
        if ((said += String(chunk)).includes(words)) return;
      throw new Error(`it said only: ${said}`);
    },
  };
}

describe.runIf(process.platform === 'linux')('Ctrl-C at a question', () => {
  const imports = `
    import { Prompt } from ${JSON.stringify(new URL('../dist/prompt.js', import.meta.url).href)};
    import { readEnvironment } from '@tgsync/shared/config';
    import { withArchive } from ${JSON.stringify(new URL('../dist/open-archive.js', import.meta.url).href)};`;

  test('ends what was started temporarily as well', async ({ data }) => {
    const ask = `await withArchive(readEnvironment({ TGSYNC_DATA: process.argv[1] }), () => new Prompt().ask('Well?'));`;
    const { ended, type, until } = onTerminal(imports + ask, data);
    await until('Well?');
    const pidFile = join(data, 'postgres', 'data', 'postmaster.pid');
    expect(existsSync(pidFile)).toBe(true);
    type('\u0003');
    expect(await ended).toEqual([130, null]);
    expect(existsSync(pidFile)).toBe(false);
  });

  test('ends a command that has nothing to clean up', async () => {
    const { ended, type, until } = onTerminal(`${imports} await new Prompt().ask('Well?');`, '');
    await until('Well?');
    type('\u0003');
    expect(await ended).toEqual([130, null]);
  });
});
