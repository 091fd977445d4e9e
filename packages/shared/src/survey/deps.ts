/** deps.ts: the dependencies of everything that asks the account about its chats. */
import type { Logger } from '../app/index.js';
import type { Db } from '../db/index.js';
import type { Account } from '../telegram/index.js';

export interface Deps {
  account: Account;
  db: Db;
}

export interface Context {
  signal: AbortSignal;
  log: Logger;
}
