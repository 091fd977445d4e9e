/** Who may import what is one table in ARCHITECTURE.md, and every import obeys it. Made-up imports show that the check works. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { breachesOf, faultsOf } from './walls/breaches.js';
import { foldersOf, sourcesOf } from './walls/folders.js';
import { impuritiesOf, isPure } from './walls/pure.js';
import { parseWalls } from './walls/table.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');
const rows = parseWalls(read('ARCHITECTURE.md'));

describe('the walls', () => {
  test('every folder has its row, every row its folder, and rows are above what they may import', () => {
    expect(faultsOf(rows, foldersOf(root, rows))).toEqual([]);
  });

  test('every import obeys the table', () => {
    const sources = sourcesOf(root);
    expect(sources.length).toBeGreaterThan(400);
    expect(sources.flatMap((path) => breachesOf(rows, path, read(path)))).toEqual([]);
  });

  test('files that claim to be pure are', () => {
    const pure = sourcesOf(root).filter((path) => !path.endsWith('.test.ts') && isPure(read(path)));
    expect(pure.length).toBeGreaterThan(30);
    expect(pure.flatMap((path) => impuritiesOf(read(path)).map((it) => `${path} has ${it}`))).toEqual([]);
  });

  test('no other list says who may import what, as it could contradict this one', () => {
    expect(read('.oxlintrc.json')).not.toContain('no-restricted-imports');
  });
});

const store = 'packages/shared/src/store/made-up.ts';

describe('a wall is broken by', () => {
  test.each<[string, string, string]>([
    ['a relative import upward', store, `import { goneFiles } from '../media/index.js';`],
    [
      'a relative import sideways',
      'packages/shared/src/session/made-up.ts',
      `import { flush } from '../store/flush.js';`,
    ],
    [
      'one subfolder of telegram importing one above it',
      'packages/shared/src/telegram/wire/a.ts',
      `import '../map/media.js';`,
    ],
    [
      'a relative import out of a package',
      'apps/scheduler/src/a.ts',
      `import '../../../packages/telegram-emulator/src/server.js';`,
    ],
    ['a file that is not the index of its folder', 'packages/shared/src/media/a.ts', `import '../store/flush.js';`],
    ['a package by its files', 'apps/cli/src/a.ts', `import '../../../packages/web/src/gate.js';`],
    ['an import of a package', 'apps/scheduler/src/a.ts', `import { Files } from '@tgsync/shared/telegram';`],
    ['a package importing an app', 'packages/web/src/a.ts', `import '@tgsync/scheduler';`],
    ['an app importing an app', 'apps/cli/src/start/a.ts', `import '../../../scheduler/src/planner.js';`],
    ['the emulator knowing the product', 'packages/telegram-emulator/src/a.ts', `import '@tgsync/shared/errors';`],
    [
      'a test of the emulator knowing it',
      'packages/telegram-emulator/src/a.test.ts',
      `import '@tgsync/shared/errors';`,
    ],
    ['the product using test tools', 'packages/shared/src/db/a.ts', `import '@tgsync/testing';`],
    ['the product bypassing the database layer', 'apps/cli/src/a.ts', `import { sql } from '@tgsync/shared/db/bare';`],
    ['a test of an app importing another app', 'apps/cli/src/a.test.ts', `import '../../scheduler/src/planner.js';`],
    ['an external package', 'packages/shared/src/jobs/a.ts', `import { Client } from 'pg';`],
    ['a path within such a package', 'apps/fetch-worker/src/a.ts', `import { Api } from 'telegram/tl/index.js';`],
    ['a scoped package', 'packages/shared/src/jobs/a.ts', `import '@prisma/client/runtime/client';`],
    ['a package that no row has', store, `import _ from 'lodash';`],
    ['a module of Node', 'apps/fetch-worker/src/a.ts', `import { readFile } from 'node:fs/promises';`],
    ['the same by its old name', 'apps/fetch-worker/src/a.ts', `import { readFileSync } from 'fs';`],
    [
      'the same in another file of the folder',
      'packages/shared/src/app/logger.ts',
      `import { readFileSync } from 'node:fs';`,
    ],
    ['a type', store, `import type { Db } from '../db/index.js';`],
    ['one type among values', store, `import { type Db } from '../db/index.js';`],
    ['a type in place', store, `let db: import('../db/index.js').Db;`],
    ['export … from', store, `export { sql } from '../db/index.js';`],
    ['export type … from', store, `export type { Db } from '../db/index.js';`],
    ['export * from', store, `export * from '../db/index.js';`],
    ['import()', store, `const { sql } = await import('../db/index.js');`],
    ['import() of a plain template', store, 'const { sql } = await import(`../db/index.js`);'],
    ['import() of an arbitrary path', store, 'const it = await import(`../${name}/index.js`);'],
    ['import() of any file of a folder', store, 'const it = await import(`../db/${name}.js`);'],
    ['a package by a template', store, 'const it = require(`telegram/tl/${name}.js`);'],
    ['import = require()', store, `import db = require('../db/index.js');`],
    ['require()', store, `const { sql } = require('../db/index.js');`],
    ['createRequire()', store, `const telegram = createRequire(import.meta.url)('telegram');`],
    ['resolve()', store, `const path = createRequire(import.meta.url).resolve('telegram');`],
    ['require.resolve()', store, `const path = require.resolve('telegram');`],
    ['import.meta.resolve()', store, `const path = import.meta.resolve('telegram');`],
    ['getBuiltinModule()', 'packages/web/src/a.ts', `const fs = process.getBuiltinModule('node:fs');`],
    ['a file in no folder', 'packages/shared/src/a.ts', ''],
    ['an import of something without a row', store, `import '../../../../prisma/a.js';`],
  ])('%s', (_what, path, source) => {
    expect(breachesOf(rows, path, source)).toHaveLength(1);
  });

  test.each<[string, string, string]>([
    ['what its row names', 'packages/shared/src/media/a.ts', `import { sql } from '../db/index.js';`],
    [
      'any file of a folder that its row lets it enter',
      'packages/shared/src/telegram/files/a.ts',
      `import '../../db/file-slots.js';`,
    ],
    ['what is in the same folder', store, `import { flush } from './flush.js';`],
    [
      'a package of its row',
      'packages/shared/src/telegram/wire/gramjs.ts',
      `import { Api } from 'telegram/tl/index.js';`,
    ],
    ['a module of Node that no row lists', store, `import { join } from 'node:path';`],
    ['a module of Node listed for that file', 'apps/cli/src/start/a.ts', `import { spawn } from 'node:child_process';`],
    [
      'tools, in a test',
      'packages/shared/src/db/a.test.ts',
      `import { test } from '@tgsync/testing'; import fc from 'fast-check';`,
    ],
    ['what only tests may use', 'apps/cli/src/a.test.ts', `import { sql } from '@tgsync/shared/db/bare';`],
    ['words in a string or a comment', store, `const text = "import('telegram')"; // import 'telegram'`],
  ])('not by %s', (_what, path, source) => {
    expect(breachesOf(rows, path, source)).toEqual([]);
  });
});

test.each<[string, string]>([
  ['a module of Node', `import { readFileSync } from 'node:fs';`],
  ['a package that acts', `import { Queue } from 'bullmq';`],
  ['the time', 'const at = Date.now();'],
  ['the time as a date', 'const at = new Date();'],
  ['a clock', 'const at = performance.now();'],
  ['randomness', 'const it = Math.random();'],
  ['a timer', 'setTimeout(act, 1);'],
  ['the environment', 'const it = process.env.HOME;'],
])('a file is not pure with %s', (_what, source) => {
  expect(impuritiesOf(source)).toHaveLength(1);
  expect(isPure(`/** a.ts: plans. Pure. */\n${source}`)).toBe(true);
  expect(isPure(`/** a.ts: plans. */\n${source}\n/** Pure. */`)).toBe(false);
});

test('a file is pure if it only uses its arguments', () => {
  const source = `import { join } from 'node:path'; const at = new Date(now); const name = join('a', 'b');`;
  expect(impuritiesOf(source)).toEqual([]);
});

describe('the table is wrong with', () => {
  const folders = foldersOf(root, rows);
  const tableOf = (lines: string) =>
    parseWalls(`## Walls\n\n| folder | owns | may import | of others |\n| - | - | - | - |\n${lines}`);
  test.each<[string, string, RegExp]>([
    ['a folder without a row', '', /^packages\/shared\/src\/store has no row/],
    ['a row without a folder', '| `attic` | old things | | |', /^There is no packages\/shared\/src\/attic/],
    ['a row that may import what has no row', '| `app` | it | `attic` | |', /^app may import attic, which has no row/],
    [
      'a row below what it may import',
      '| `app` | it | | |\n| `config` | it | `app` | |',
      /^config may import app, which is above/,
    ],
    ['two rows of a folder', '| `app` | it | | |\n| `app` | it | | |', /^app has two rows/],
    [
      'a subfolder of telegram without a row',
      '| `telegram/wire` | it | | |',
      /^packages\/shared\/src\/telegram\/map has no row/,
    ],
  ])('%s', (_what, lines, fault) => {
    const made = lines === '' ? rows.filter((it) => it.name !== 'store') : tableOf(lines);
    const found = faultsOf(made, lines === '' ? folders : foldersOf(root, made));
    expect(found.filter((it) => fault.test(it))).toHaveLength(1);
  });

  test('words that the check does not understand', () => {
    expect(() => tableOf('| `app` | it | all below | |')).toThrow(/what does "all below" mean/);
    expect(() => parseWalls('# no table')).toThrow(/no table/);
  });
});
