/** run.mjs: `npm start` and `npm run tgsync`: the set-up, then the command line tool, in one process. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

setup();
await import(pathToFileURL(join(root, 'apps', 'cli', 'dist', 'main.js')).href);
