/** bench.mjs: `npm run bench -- <name>`: sets up, then runs one file of bench/src. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

setup();
const [name] = process.argv.splice(2, 1);
const names = readdirSync(join(root, 'bench', 'src')).map((it) => it.replace(/\.ts$/, ''));
if (!names.includes(name)) {
  console.error(`Name one of: ${names.join(', ')}. See bench/README.md.`);
  process.exit(1);
}
await import(pathToFileURL(join(root, 'bench', 'dist', `${name}.js`)).href);
