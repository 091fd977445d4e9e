/** deps.ts: the dependencies of every fetch worker handler. */
import type { Environment } from '@tgsync/shared/config';
import type { DatabaseClock, Db } from '@tgsync/shared/db';
import type { Queues } from '@tgsync/shared/jobs';
import type { LiveSettings } from '@tgsync/shared/fleet';
import type { Account } from '@tgsync/shared/telegram';
import type { InFlight } from '../in-flight.js';
import type { MediaEmitter } from '../media-emitter.js';

export interface Deps {
  env: Environment;
  settings: LiveSettings;
  db: Db;
  clock: DatabaseClock;
  queues: Queues;
  account: Account;
  emitter: MediaEmitter;
  /** Bounds the pages of history in flight. */
  pages: InFlight;
}
