/** sessions.ts: `tgsync sessions` lists the logins of this archive and who uses them; `tgsync sessions end N` logs one out for good. */
import { createLogger } from '@tgsync/shared/app';
import { type Config, type Environment, loadConfig } from '@tgsync/shared/config';
import { type Db, forgetLease, readLease } from '@tgsync/shared/db';
import { PersonError, RetryAfterError } from '@tgsync/shared/errors';
import { Sessions } from '@tgsync/shared/session';
import { Account } from '@tgsync/shared/telegram';
import { withArchive } from '../open-archive.js';
import { textTable } from '../text-table.js';
import { print, printJson } from '../terminal.js';

export async function sessionsCommand(
  env: Environment,
  args: readonly string[],
  { json }: { json: boolean },
): Promise<number> {
  const sessions = new Sessions(loadConfig(env), env);
  const [verb, name = '', ...more] = args;
  if (verb === undefined) return await withArchive(env, (db) => list(db, sessions, json));
  const number = /^\d+$/.test(name) ? Number(name) : 0;
  if (verb !== 'end' || more.length > 0 || !sessions.numbers.includes(number)) {
    const known = sessions.numbers.join(', ') || 'none';
    throw new PersonError(
      `\`tgsync sessions\` lists the logins; \`tgsync sessions end N\` ends one (existing: ${known}).`,
    );
  }
  return await withArchive(env, (db, config) => end({ db, config, env, sessions }, number));
}

async function list(db: Db, sessions: Sessions, json: boolean): Promise<number> {
  const rows = [];
  for (const number of sessions.numbers) {
    const lease = await readLease(db, number);
    const account = sessions.readIfGood(number)?.accountId ?? 'damaged';
    const state = !lease || lease.released ? 'free' : 'in use';
    rows.push({
      number,
      account,
      state: lease?.ending ? 'ending' : state,
      seenAt: lease?.seenAt ?? null,
      file: sessions.file(number),
    });
  }
  if (json) printJson(rows, 2);
  else if (rows.length === 0) print('There is no login yet. Run `tgsync login`.');
  else {
    const cells = rows.map((it) => [String(it.number), it.account, it.state, it.seenAt?.toISOString() ?? '–', it.file]);
    print(textTable(['login', 'account', 'state', 'last used (UTC)', 'file'], cells, [0]));
  }
  return 0;
}

interface Deps {
  db: Db;
  config: Config;
  env: Environment;
  sessions: Sessions;
}

/** The worker that uses the login releases it first: a login never has two users. */
async function end({ db, config, env, sessions }: Deps, number: number): Promise<number> {
  print(`Waiting for workers to release login ${number}…`);
  const account = new Account({ config, env, db, log: createLogger('cli', 'silent') });
  try {
    await logOut(account, number);
    sessions.remove(number); // before the release, so that no worker takes a login that no longer exists
  } finally {
    await account.release();
  }
  await forgetLease(db, number);
  print(`Login ${number} is logged out and its file deleted.`);
  if (sessions.numbers.length === 0) print('It was the last one. Run `tgsync login` to continue where you left off.');
  return 0;
}

async function logOut(account: Account, number: number): Promise<void> {
  try {
    await account.startToEnd(number);
    await account.logOut();
  } catch (error) {
    if (!(error instanceof RetryAfterError)) throw error;
    print(error.message); // Telegram ended it before us
  }
}
