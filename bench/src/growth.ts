/**
 * growth.ts: what does an archive of ten million messages cost? A tick with nothing to do, start-up, status, pages, the queue, a
 * verification, and bytes in Postgres. The world is made once in a folder and used again.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureCommand, measureStart } from './growth/commands.js';
import { makeFiles } from './growth/files.js';
import { type Growth, openGrowth } from './growth/open.js';
import { measureQueue } from './growth/queue.js';
import { measureSize, unusedIndexes } from './growth/size.js';
import { measureTick } from './growth/tick.js';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000000' },
    chats: { type: 'string', default: '2000' },
    media: { type: 'string', default: '1000000' },
    folder: { type: 'string', default: join(tmpdir(), 'tgsync-growth') },
    keep: { type: 'boolean', default: false },
    part: { type: 'string', multiple: true },
    seconds: { type: 'string', default: '60' },
  },
});
const seconds = Number(values.seconds);

const parts: Record<string, (growth: Growth) => Promise<void>> = {
  size: measureSize,
  start: measureStart,
  tick: (growth) => measureTick(growth, seconds),
  status: async (growth) => {
    await measureCommand(growth, 'status'); // counts what has changed since the last time
    for (let round = 0; round < 3; round++) await measureCommand(growth, 'status');
  },
  queue: (growth) => measureQueue(growth, seconds),
  verify: async (growth) => {
    await makeFiles(growth);
    await measureCommand(growth, 'verify', '--offline');
  },
  unused: unusedIndexes,
};

const size = { messages: Number(values.messages), chats: Number(values.chats), media: Number(values.media) };
const growth = await openGrowth(values.folder, size);
try {
  for (const name of values.part ?? Object.keys(parts)) {
    console.log(`\n## ${name}`);
    await parts[name]!(growth);
  }
} finally {
  await growth.close();
  if (!values.keep) rmSync(values.folder, { recursive: true, force: true });
}
process.exit();
