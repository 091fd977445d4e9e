/** light.test.ts: an idle fleet needs little memory, as no process loads what only others need. `npm run bench -- memory` measures it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeEnvironment } from '@tgsync/shared/config';
import { type Archive, loadedModules, noteLoadedModules, patience, test } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { spawnTgsync } from './command-line.js';

const runner = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

/** What takes tens of MiB in each process that loads it. */
const heavy = {
  'the client of Prisma': /\/@prisma\/client\/|\/db\/generated\//,
  'the engine of migrations': /schema-engine/,
  GramJS: /\/telegram\/wire\/gramjs\.js$/,
  BullMQ: /\/jobs\/bullmq\.js$/,
};

/** Runs the fleet until nothing is owed; returns what each program has loaded. */
async function runOnce(archive: Archive): Promise<Record<string, string[]>> {
  const folder = join(archive.env.data, 'modules');
  mkdirSync(folder);
  const env = { ...process.env, ...writeEnvironment(archive.env), ...noteLoadedModules(folder) };
  const running = spawn(process.execPath, [runner, 'start', '--once'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await once(running, 'exit')).toEqual([0, null]);
  const carried = Object.entries(loadedModules(folder)).map(([program, modules]) => {
    const names = Object.entries(heavy).filter(([, path]) => modules.some((it) => path.test(it)));
    return [program, names.map(([name]) => name)] as const;
  });
  return Object.fromEntries(carried);
}

test('each process of the fleet loads what it needs, and the runner none of it', async ({ world, archive }) => {
  const cats = world.addChannel({ title: 'Cats' });
  cats.addMessage({ text: 'a cat', photo: world.addPhoto({ dc: 1, size: 90_000 }) });
  archive.configure({ [cats.id.toString()]: {} });
  expect(await runOnce(archive)).toEqual({
    cli: [],
    scheduler: ['BullMQ'],
    'media-worker': ['GramJS', 'BullMQ'],
    'fetch-worker': ['GramJS', 'BullMQ'],
  });
});

test('a media worker is ready even while Telegram is unreachable', async ({ telegram, archive }) => {
  archive.configure({});
  await telegram.close();
  const running = spawnTgsync(archive.env, ['start']);
  const log = join(archive.env.data, 'logs', 'media-worker.log');
  await vi.waitUntil(() => existsSync(log) && readFileSync(log, 'utf8').includes('"msg":"started"'), patience);
  running.kill('SIGTERM');
  await once(running, 'exit');
});
