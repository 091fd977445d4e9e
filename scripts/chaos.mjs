/** chaos.mjs: `npm run chaos -- --seeds 100`: sets up, then runs the long chaos runs of e2e/src/chaos. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

setup();
await import(pathToFileURL(join(root, 'e2e', 'dist', 'chaos', 'main.js')).href);
