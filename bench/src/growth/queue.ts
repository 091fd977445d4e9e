/** queue.ts: a million owed files leave no more jobs in the queue than it takes. They are owed while this runs only. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fleet } from '@tgsync/testing/fleet';
import { usageOf } from '../usage.js';
import type { Growth } from './open.js';

const owe = (from: string, to: string) =>
  `UPDATE message_media SET link = '${to}' WHERE link = '${from}' AND via = 'media' AND media_id > 7000000000000000000`;

export async function measureQueue({ pool, env }: Growth, seconds: number): Promise<void> {
  const { rowCount } = await pool.query(owe('linked', 'pending'));
  await pool.query('VACUUM ANALYZE message_media');
  const fleet = new Fleet(env);
  try {
    const scheduler = fleet.start('scheduler');
    await fleet.until((it) => it.msg === 'planning');
    let most = 0;
    for (let second = 0; second < seconds; second++) {
      await sleep(1000);
      const { rows } = await pool.query<{ jobs: number; bytes: string }>(
        `SELECT count(*)::int AS jobs FROM bullmq.job WHERE queue = 'media' AND state IN ('waiting', 'delayed', 'active')`,
      );
      most = Math.max(most, rows[0]!.jobs);
    }
    console.log(
      `${rowCount} files owed: at most ${most} jobs in the queue; scheduler at most ${usageOf(scheduler.pid!)!.peakMiB.toFixed(0)} MiB RSS`,
    );
  } finally {
    await fleet.stop();
    await pool.query(`DELETE FROM bullmq.job WHERE queue = 'media'`);
    await pool.query(owe('pending', 'linked'));
    await pool.query('VACUUM ANALYZE message_media');
  }
}
