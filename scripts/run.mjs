/** run.mjs: `npm start` and `npm run tgsync`: sets up, then runs the command line tool, in one process that ends with npm. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

// A closed or full output may lose lines, but must not stop the archive.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
if (process.env.npm_lifecycle_event) endWithParent();
setup();
await import(pathToFileURL(join(root, 'apps', 'cli', 'dist', 'main.js')).href);

/** When npm is killed, nothing else tells us: end as with Ctrl-C. (Signals sent only to npm reach us through `exec` in package.json.) */
function endWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  timer.unref();
}
