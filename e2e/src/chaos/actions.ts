/** actions.ts: what can happen to a fleet, one function each. A run picks them by its seed; each repairs what it broke before it returns. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Emulator, Fault } from '@tgsync/telegram-emulator';
import type { Crew } from './crew.js';
import type { Random } from './random.js';
import type { OwnPostgres, OwnRedis } from './services.js';

export interface Scene {
  random: Random;
  telegram: Emulator;
  crew: Crew;
  postgres: OwnPostgres;
  /** Undefined if the queues are in Postgres. */
  redis: OwnRedis | undefined;
}

/** What only chaos does to a scene. */
export interface ChaosScene extends Scene {
  /** Adds messages and files to the world, as in everyday use. */
  grow: () => string;
  /** Adds a message that this version cannot read in full, and others after it. */
  growNewer: () => string;
  /** Fills the disk of /media for a while. */
  fillDisk: (ms: number) => Promise<void>;
}

type Action<S extends Scene = Scene> = (scene: S) => Promise<string>;

/** Each with its weight. */
export type Actions<S extends Scene = Scene> = readonly (readonly [number, Action<S>])[];

/** The CDN's data centre. */
const cdn = 203;

const faults: Fault[] = [
  { method: 'upload.getFile', kind: 'error', code: 420, message: 'FLOOD_WAIT_2', times: 2 },
  { method: 'upload.getFile', kind: 'error', code: 420, message: 'FLOOD_PREMIUM_WAIT_1', times: 5 },
  { method: 'messages.getHistory', kind: 'error', code: 420, message: 'FLOOD_WAIT_1', times: 5 },
  { method: /getHistory|getFile/, kind: 'error', code: 500, message: 'INTERNAL_SERVER_ERROR', times: 1 },
  { method: /getHistory|getFile/, kind: 'error', code: -503, message: 'Timeout', times: 1 },
  { method: /getHistory|getFile/, kind: 'drop', times: 3 },
  { method: 'upload.getFile', kind: 'stall', times: 2 },
  { method: 'messages.getHistory', kind: 'stall', times: 1 },
  { method: /getHistory|getFile/, kind: 'delay', ms: 700, times: 10 },
  { method: 'upload.getFile', kind: 'truncate', times: 1 },
  { method: /getHistory|getFile/, kind: 'wrong-salt', times: 3 },
  { method: /getHistory|getFile/, kind: 'answer-twice', times: 10 },
  { method: 'upload.getFile', kind: 'corrupt', times: 1 },
  { method: 'upload.getFile', kind: 'expire-references', times: 1 },
  { method: 'messages.getHistory', kind: 'odd-page', oddity: 'shorter', times: 5 },
  { method: 'messages.getHistory', kind: 'odd-page', oddity: 'empty', times: 3 },
  { method: 'messages.getHistory', kind: 'odd-page', oddity: 'unordered', times: 5 },
  { method: 'messages.getHistory', kind: 'odd-page', oddity: 'doubled', times: 5 },
  { method: 'messages.getHistory', kind: 'odd-page', oddity: 'miscounted', times: 5 },
  { method: 'upload.getFile', kind: 'error', code: 303, message: 'FILE_MIGRATE_2', times: 1 },
  { method: 'upload.getCdnFile', kind: 'error', code: 420, message: 'FLOOD_WAIT_1', times: 2 },
  { method: 'upload.getCdnFile', kind: 'error', code: 400, message: 'LOCATION_INVALID', times: 1 },
  { method: 'upload.getCdnFile', kind: 'corrupt', times: 2 },
  { method: 'upload.getCdnFile', kind: 'truncate', times: 2 },
  { method: 'upload.getCdnFile', kind: 'drop', times: 2 },
  { method: 'upload.getCdnFile', kind: 'stall', times: 2 },
  { method: 'upload.getCdnFile', kind: 'expire-cdn-tokens', times: 2 },
  { method: 'upload.getCdnFile', kind: 'drop-cdn-files', times: 2 },
  { method: /reuploadCdnFile|getCdnFileHashes/, kind: 'error', code: 420, message: 'FLOOD_WAIT_1', times: 2 },
  { method: 'upload.reuploadCdnFile', kind: 'error', code: 500, message: 'CDN_UPLOAD_TIMEOUT', times: 2 },
];

const kill: Action = async ({ crew, random }) => await crew.replace(random, 'SIGKILL');
const restart: Action = async ({ crew, random }) => await crew.replace(random, 'SIGTERM');
const pause: Action = async ({ crew, random }) => await crew.pause(random, random.between(500, 9000));
const scale: Action = async ({ crew, random }) => crew.scale(random);
const life: Action<ChaosScene> = async ({ grow }) => grow();
const newer: Action<ChaosScene> = async ({ growNewer }) => growNewer();

const fault: Action = async ({ telegram, random }) => {
  const it = random.pick(faults);
  telegram.faults.add({ ...it, skip: random.upTo(5) });
  return `Telegram: ${it.kind} ${'message' in it ? it.message : ''} on ${String(it.method)}`;
};

const drop: Action = async ({ telegram, random }) => {
  const dc = random.pick([1, 2, 3, 4, cdn]);
  return `Telegram: data centre ${dc} drops ${telegram.dropConnections({ dc })} connections`;
};

const dropHome: Action = async ({ telegram }) => {
  const dc = telegram.world.account.homeDc;
  return `Telegram: data centre ${dc} drops ${telegram.dropConnections({ dc })} connections`;
};

const away: Action = async ({ telegram, random }) => {
  const [dc, ms] = [random.between(1, 4), random.between(5000, 60_000)];
  const restore = telegram.outage({ dc, how: random.pick(['cuts', 'refuses', 'silent', 'times-out'] as const) });
  await sleep(ms);
  await restore();
  return `Telegram: data centre ${dc} was unavailable for ${ms} ms`;
};

const forgetKeys: Action = async ({ telegram, random }) => {
  const { homeDc } = telegram.world.account;
  const dc = random.pick([1, 2, 3, 4, cdn].filter((it) => it !== homeDc));
  telegram.forgetKeys(dc);
  return `Telegram: data centre ${dc} forgets our keys`;
};

const loseQueues: Action = async ({ postgres, redis }) => {
  await (redis ? redis.flush() : postgres.dropQueues());
  return 'the queues are lost';
};

const crashPostgres: Action = async ({ postgres }) => {
  await postgres.crash();
  return 'Postgres crashes and restarts';
};

const crashRedis: Action = async ({ postgres, redis }) => {
  await (redis ?? postgres).crash();
  return `${redis ? 'Redis' : 'Postgres'} crashes and restarts`;
};

const cut: Action = async ({ postgres, redis, random }) => {
  const { cable } = random.pick([postgres, redis ?? postgres]);
  const [how, ms] = [random.pick(['cut', 'held'] as const), random.between(200, 8000)];
  if (how === 'cut') cable.cut();
  else cable.hold();
  await sleep(ms);
  cable.restore();
  if (how === 'held') cable.drop(); // like a line that was dead for too long
  return `the line to ${cable === postgres.cable ? 'Postgres' : 'Redis'} was ${how} for ${ms} ms`;
};

/** Longer than claims, leases and slots last: what was started then belongs to somebody else when it continues. */
const outlive: Action = async ({ crew, postgres, random }) => {
  const ms = 25_000;
  if (random.pick([true, false])) return await crew.pause(random, ms);
  postgres.cable.hold();
  await sleep(ms);
  postgres.cable.restore();
  return `the line to Postgres was held for ${ms} ms, then delivered everything`;
};

const full: Action<ChaosScene> = async ({ fillDisk, random }) => {
  const ms = random.between(1000, 5000);
  await fillDisk(ms);
  return `/media was full for ${ms} ms`;
};

export const everything: Actions<ChaosScene> = [
  [6, kill],
  [2, restart],
  [3, pause],
  [1, scale],
  [2, life],
  [2, newer],
  [6, fault],
  [1, away],
  [2, drop],
  [1, forgetKeys],
  [2, loseQueues],
  [1, crashPostgres],
  [1, crashRedis],
  [2, cut],
  [1, outlive],
  [1, full],
];

/** Only what happens to processes, for tests of the login. */
export const onlyProcesses: Actions<ChaosScene> = [
  [6, kill],
  [2, restart],
  [3, pause],
  [1, life],
];

/** What ends listening to updates, or storing them, for a while. */
export const outages: Actions = [
  [4, kill],
  [2, restart],
  [2, pause],
  [3, dropHome],
  [1, loseQueues],
  [1, crashPostgres],
  [2, cut],
];

export async function act<S extends Scene>(scene: S, from: Actions<S>): Promise<string> {
  const total = from.reduce((sum, [weight]) => sum + weight, 0);
  let at = scene.random.upTo(total);
  for (const [weight, action] of from) {
    if (at < weight) return await action(scene);
    at -= weight;
  }
  throw new Error('no action');
}
