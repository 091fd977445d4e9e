/** measures.ts: everything that a benchmark can measure, each declared once: its heading and its digits. */
export const measures = {
  wall: { label: 'wall s', digits: 1 },
  speed: { label: 'MiB/s', digits: 1 },
  filesPerSecond: { label: 'files/s', digits: 0 },
  messagesPerSecond: { label: 'messages/s', digits: 0 },
  cpu: { label: 'CPU s', digits: 1 },
  cpuPerGiB: { label: 'CPU s a GiB', digits: 1 },
  cpuPerFile: { label: 'CPU ms a file', digits: 1 },
  cpuPer100k: { label: 'CPU s per 100,000', digits: 1 },
  peak: { label: 'peak RSS MiB', digits: 0 },
  postgres: { label: 'Postgres CPU s', digits: 1 },
  emulator: { label: 'emulator CPU s', digits: 1 },
  emulatorPerGiB: { label: 'emulator CPU s a GiB', digits: 1 },
  workers: { label: 'workers’ CPU s', digits: 1 },
  scheduler: { label: 'scheduler CPU s', digits: 1 },
  fetch: { label: 'fetch-worker CPU s', digits: 1 },
  redis: { label: 'Redis CPU s', digits: 1 },
  others: { label: 'cores used by others', digits: 2 },
  ready: { label: 'all started s', digits: 2 },
  firstFile: { label: 'first file s', digits: 2 },
  schedulerShare: { label: 'scheduler %', digits: 2 },
  fetchShare: { label: 'fetch-worker %', digits: 2 },
  mediaShare: { label: 'media-worker %', digits: 2 },
  postgresShare: { label: 'Postgres %', digits: 2 },
  redisShare: { label: 'Redis %', digits: 2 },
  wholeShare: { label: 'all %', digits: 2 },
} as const;

export type MeasureName = keyof typeof measures;
/** What one round of one side measured. */
export type Sample = Partial<Record<MeasureName, number>>;

/** Every round of one side of a comparison. */
export interface Row {
  name: string;
  rounds: Sample[];
}

/** The rows of one comparison, the measures to show, and those to draw. */
export interface Section {
  title: string;
  columns: MeasureName[];
  bars: MeasureName[];
  rows: Row[];
}

/** The median over the rounds that have it; undefined if none has. */
export function median({ rounds }: Row, of: MeasureName): number | undefined {
  const values = rounds.flatMap((it) => it[of] ?? []).toSorted((a, b) => a - b);
  const middle = values.length / 2;
  return values.length % 2 === 1 ? values[Math.floor(middle)] : average(values.slice(middle - 1, middle + 1));
}

const average = (values: number[]) =>
  values.length === 0 ? undefined : values.reduce((sum, it) => sum + it, 0) / values.length;
