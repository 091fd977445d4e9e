/** metrics.ts: how current the archive is, as numbers in Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats). */
import { currentTroubles, type Db, livenessOf } from '@tgsync/shared/db';

interface Metric {
  name: string;
  help: string;
  /** By account; null: there is none yet. */
  values: (readonly [account: bigint | undefined, value: number | null])[];
}

/** One gauge for each fact and account. */
export async function metrics(db: Db): Promise<string> {
  const accounts = await livenessOf(db);
  const each = (value: (it: (typeof accounts)[number]) => number | null) =>
    accounts.map((it) => [it.accountId, value(it)] as const);
  const all: Metric[] = [
    { name: 'updates_live', help: 'Updates are applied as they come.', values: each((it) => Number(it.live)) },
    {
      name: 'last_update_timestamp_seconds',
      help: 'When the last update came.',
      values: each((it) => it.heardAt && it.heardAt.getTime() / 1000),
    },
    { name: 'channels_behind', help: 'Channels with updates that did not come yet.', values: each((it) => it.behind) },
    {
      name: 'troubles',
      help: 'What currently keeps the fleet from working.',
      values: [[undefined, (await currentTroubles(db)).length]],
    },
  ];
  return all.map(asText).join('');
}

function asText({ name, help, values }: Metric): string {
  const lines = values.flatMap(([account, value]) => {
    if (value === null) return [];
    return [`tgsync_${name}${account === undefined ? '' : `{account="${account}"}`} ${value}`];
  });
  return [`# HELP tgsync_${name} ${help}`, `# TYPE tgsync_${name} gauge`, ...lines, ''].join('\n');
}
