/** task.ts: what a client process is told, and what it says. Clients are other people's libraries, used as their documentation says. */
import { once } from 'node:events';
import type { Served } from '../world/spec.js';

export interface Task {
  telegram: Pick<Served, 'server' | 'addresses' | 'account' | 'chat'>;
  /** Files downloaded at once. */
  inFlight: number;
  /** mtcute only: parts of 512 KiB over four connections. */
  tuned: boolean;
  /** Where `history` puts the messages: a database with tgsync's tables. */
  databaseUrl?: string;
}

/** Says that everything is prepared and resolves with the folder for the files once the measurement begins. */
export async function ready(): Promise<string> {
  process.send!('ready');
  const [folder] = (await once(process, 'message')) as [string];
  return folder;
}

/** Runs `work` for every item, so many at once. */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T, index: number) => Promise<unknown>,
) {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) await work(items[index]!, index);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/**
 * The first item of each data centre but the account's own, to be downloaded before the measurement: keys of other data centres are
 * granted once in the life of a login, and tgsync has its keys from the session file, too.
 */
export function onePerDataCentre<T>(items: readonly T[], dcOf: (item: T) => number | undefined, home: number): T[] {
  return [...new Map(items.map((it) => [dcOf(it), it])).values()].filter((it) => dcOf(it) !== home);
}

export const readTask = (): Task => JSON.parse(process.argv[2]!) as Task;
