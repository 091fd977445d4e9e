/**
 * generate.mjs: generates the text of Telegram's API, and the Prisma client. Prisma would download a native engine that we never use, so
 * a stand-in takes its place.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { generateLayer } from './layer.mjs';
import { root } from './setup.mjs';

generateLayer();

const { status, stderr, stdout } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'prisma', 'build', 'index.js'),
    'generate',
    '--schema',
    join(root, 'prisma', 'schema.prisma'),
  ],
  {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  },
);
if (status !== 0) console.error(stdout, stderr);
process.exit(status ?? 1);
