/** light.test.ts: an idle fleet takes little memory: no process loads what others need. `npm run bench -- memory` measures it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeEnvironment } from '@tgsync/shared/config';
import { loadedModules, noteLoadedModules, test } from '@tgsync/testing';
import { expect } from 'vitest';

const runner = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

/** What takes tens of MiB in each process that loads it. */
const heavy = {
  'the client of Prisma': /\/@prisma\/client\/|\/db\/generated\//,
  'the engine of migrations': /schema-engine/,
  GramJS: /\/telegram\/wire\/gramjs\.js$/,
  BullMQ: /\/bullmq\//,
};

test('each process of the fleet carries what it needs, and the runner nothing of it', async ({ world, archive }) => {
  const cats = world.addChannel({ title: 'Cats' });
  cats.addMessage({ text: 'a cat', photo: world.addPhoto({ dc: 1, size: 90_000 }) });
  archive.configure({ [cats.id.toString()]: {} });
  const loaded = join(archive.env.data, 'loaded');
  mkdirSync(loaded);
  const env = { ...process.env, ...writeEnvironment(archive.env), ...noteLoadedModules(loaded) };
  const running = spawn(process.execPath, [runner, 'start', '--once'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await once(running, 'exit')).toEqual([0, null]);

  const carried = Object.entries(loadedModules(loaded)).map(([program, modules]) => {
    const names = Object.entries(heavy).filter(([, path]) => modules.some((it) => path.test(it)));
    return [program, names.map(([name]) => name)];
  });
  expect(Object.fromEntries(carried)).toEqual({
    cli: [],
    scheduler: ['BullMQ'],
    'media-worker': ['GramJS', 'BullMQ'],
    'fetch-worker': ['the client of Prisma', 'GramJS', 'BullMQ'],
  });
});
