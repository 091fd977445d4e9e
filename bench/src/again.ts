/** again.ts: how long does `npm start -- --once` take when there is nothing to do any more? The demo, on a machine that is bare but for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tgsync-bench-'));
chmodSync(folder, 0o755); // as root, Postgres' own user has to enter it

/** Seconds. */
async function run(): Promise<number> {
  const began = performance.now();
  const env = { ...process.env, TGSYNC_DATA: folder, TGSYNC_DASHBOARD_PORT: '0' };
  const npm = spawn('npm', ['start', '--', '--once'], { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`npm start -- --once ended with ${code}`);
  return (performance.now() - began) / 1000;
}

try {
  console.log(`the first: ${(await run()).toFixed(1)} s`);
  const again: number[] = [];
  while (again.length < Number(values.runs)) again.push(await run());
  console.log(`again: ${again.map((it) => `${it.toFixed(1)} s`).join(', ')}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
