/** run.mjs: `npm start` and `npm run tgsync`: the set-up, then the command line tool, in one process that ends with npm. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

// An output that is closed or full costs lines, never the archive.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
if (process.env.npm_lifecycle_event) endWithParent();
setup();
await import(pathToFileURL(join(root, 'apps', 'cli', 'dist', 'main.js')).href);

/** A killed npm tells nobody: then this ends as with Ctrl-C. (What is told to npm alone reaches us by `exec` in package.json.) */
function endWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  timer.unref();
}
