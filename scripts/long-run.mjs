/** long-run.mjs: `npm run chaos`, `npm run soak`: sets up, then makes the long runs of that folder in e2e/src, with all further arguments. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

const [kind] = process.argv.splice(2, 1);
setup();
await import(pathToFileURL(join(root, 'e2e', 'dist', kind, 'main.js')).href);
