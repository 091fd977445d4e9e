/**
 * model.ts: a fleet as a queueing network, simulated event by event: jobs of many workers go through the same steps, and wait where what a step
 * needs is taken. Times are given, not drawn, so a run always has the same outcome. Pure.
 */

/** What steps need: the cores of a machine, a disk, what an account may have on its way. It serves so many steps at once. */
export interface Station {
  name: string;
  servers: number;
}

/** What a job does for some milliseconds. It begins once everything it needs is free. */
export interface Step {
  /** Names of stations; `worker`: the one thread of the job's own worker. None: it only waits. */
  needs: readonly string[];
  ms: number;
}

export interface Plant {
  stations: readonly Station[];
  workers: number;
  /** Jobs of a worker at once. */
  inFlight: number;
  steps: readonly Step[];
}

export interface Outcome {
  jobsPerSecond: number;
  /** How much of the time each station is used, from 0 to 1; of `worker` the average of all. */
  used: ReadonlyMap<string, number>;
  /** The station that is used most; undefined if none is for more than nine tenths: then jobs wait for answers, and more of them bring more. */
  limit: string | undefined;
}

interface Job {
  worker: string;
  step: number;
}

/** Runs until about so many jobs have ended, of which the first third only fills the plant. */
export function simulate({ stations, workers, inFlight, steps }: Plant, jobs = 3000): Outcome {
  const free = new Map(stations.map((it) => [it.name, it.servers]));
  const busy = new Map<string, number>();
  const waiting: Job[] = [];
  const running: { until: number; job: Job }[] = [];
  let [now, ended, began] = [0, 0, 0];
  const fill = Math.ceil(jobs / 3);
  const needsOf = ({ worker, step }: Job) => steps[step]!.needs.map((it) => (it === 'worker' ? worker : it));

  const begin = (job: Job): boolean => {
    const needs = needsOf(job);
    if (needs.some((it) => free.get(it) === 0)) return false;
    const { ms } = steps[job.step]!;
    for (const it of needs) free.set(it, free.get(it)! - 1);
    if (ended >= fill) for (const it of needs) busy.set(it, (busy.get(it) ?? 0) + ms);
    insert(running, { until: now + ms, job });
    return true;
  };

  for (let worker = 0; worker < workers; worker++) {
    free.set(`worker ${worker}`, 1);
    for (let at = 0; at < inFlight; at++) waiting.push({ worker: `worker ${worker}`, step: 0 });
  }
  while (ended < jobs) {
    for (let at = 0; at < waiting.length;) {
      if (begin(waiting[at]!)) waiting.splice(at, 1);
      else at++;
    }
    const { until, job } = running.shift()!;
    now = until;
    for (const it of needsOf(job)) free.set(it, free.get(it)! + 1);
    const next = (job.step + 1) % steps.length;
    if (next === 0 && ++ended === fill) began = now;
    waiting.push({ ...job, step: next });
  }
  const took = now - began;
  const used = new Map(stations.map((it) => [it.name, (busy.get(it.name) ?? 0) / took / it.servers]));
  const ofWorkers = [...busy].filter(([name]) => name.startsWith('worker ')).reduce((sum, [, ms]) => sum + ms, 0);
  used.set('worker', ofWorkers / took / workers);
  const [most, share] = [...used].reduce((best, it) => (it[1] > best[1] ? it : best));
  return { jobsPerSecond: ((ended - fill) / took) * 1000, used, limit: share > 0.9 ? most : undefined };
}

/** Keeps the order of time; of what ends at once, what began first. */
function insert<T extends { until: number }>(sorted: T[], it: T): void {
  let at = sorted.length;
  while (at > 0 && sorted[at - 1]!.until > it.until) at--;
  sorted.splice(at, 0, it);
}
