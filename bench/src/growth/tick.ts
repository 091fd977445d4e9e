/** tick.ts: what a tick of the scheduler asks when there is nothing to do, in how many statements and how long. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fleet } from '@tgsync/testing/fleet';
import { memoryOf, usageOf } from '../usage.js';
import type { Growth } from './open.js';
import { type Statement, statementsDuring } from './statements.js';

const first = /FROM selector LEFT JOIN chat/;
const last = /m\.owed = 'file'\)\s+ORDER BY random/;

export async function measureTick(growth: Growth, seconds: number): Promise<void> {
  const fleet = new Fleet(growth.env);
  try {
    const scheduler = fleet.start('scheduler');
    await fleet.until((it) => it.msg === 'planning');
    await sleep(5000);
    // No fetch worker is there to survey the chats.
    await growth.pool.query('UPDATE dialog SET surveyed_at = now() WHERE wanted');
    await growth.pool.query('VACUUM ANALYZE dialog');
    await sleep(5000);
    const before = usageOf(scheduler.pid!)!;
    const statements = await statementsDuring(growth, () => sleep(seconds * 1000));
    const after = usageOf(scheduler.pid!)!;
    report(ticksOf(statements));
    const cpu = ((after.cpuSeconds - before.cpuSeconds) / seconds) * 100;
    console.log(
      `scheduler: ${cpu.toFixed(1)} % of a core, ${memoryOf(scheduler.pid!).toFixed(0)} MiB PSS, at most ${after.peakMiB.toFixed(0)} MiB RSS`,
    );
  } finally {
    await fleet.stop();
  }
}

/** Each from its first statement to its last one; what the scheduler's other pollers ask meanwhile counts, too. */
function ticksOf(statements: readonly Statement[]): Statement[][] {
  const ticks: Statement[][] = [];
  let tick: Statement[] | undefined;
  for (const it of statements) {
    if (first.test(it.text)) tick = [];
    tick?.push(it);
    if (!tick || !last.test(it.text)) continue;
    ticks.push(tick);
    tick = undefined;
  }
  return ticks;
}

function report(ticks: readonly Statement[][]): void {
  const took = ticks.map((it) => it.at(-1)!.endedAt - it[0]!.endedAt + it[0]!.tookMs).sort((a, b) => a - b);
  const counts = ticks.map((it) => it.length).sort((a, b) => a - b);
  const middle = Math.floor(ticks.length / 2);
  console.log(
    `${ticks.length} ticks: ${took[middle]?.toFixed(1)} ms (at most ${took.at(-1)?.toFixed(1)}), ${counts[middle]} statements (at most ${counts.at(-1)})`,
  );
  const slowest = ticks
    .flat()
    .sort((a, b) => b.tookMs - a.tookMs)
    .slice(0, 3);
  for (const it of slowest)
    console.log(`  ${it.tookMs.toFixed(1)} ms: ${it.text.replaceAll(/\s+/g, ' ').slice(0, 110)}`);
}
