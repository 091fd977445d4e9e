/** again.ts: how long does `npm start -- --once` take when nothing is left to do? Runs the demo, alone on the machine. */
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
chmodSync(folder, 0o755); // when run as root, Postgres' user must be able to enter it

/** Returns the seconds it took. */
async function run(): Promise<number> {
  const began = performance.now();
  const env = { ...process.env, TGSYNC_DATA: folder, TGSYNC_DASHBOARD_PORT: '0' };
  const npm = spawn('npm', ['start', '--', '--once'], { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`npm start -- --once exited with code ${code}`);
  return (performance.now() - began) / 1000;
}

try {
  console.log(`first run: ${(await run()).toFixed(1)} s`);
  const again: number[] = [];
  while (again.length < Number(values.runs)) again.push(await run());
  console.log(`later runs: ${again.map((it) => `${it.toFixed(1)} s`).join(', ')}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
