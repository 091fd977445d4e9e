/** sessions.ts: `tgsync sessions`: the logins of this archive and who uses them; `tgsync sessions end N` logs one out for good. */
import { createLogger } from '@tgsync/shared/app';
import { type Config, type Environment, loadConfig } from '@tgsync/shared/config';
import { type Db, endLease, forgetLease, readLease } from '@tgsync/shared/db';
import { PersonError, RetryAfterError } from '@tgsync/shared/errors';
import { Sessions } from '@tgsync/shared/session';
import { Account } from '@tgsync/shared/telegram';
import { withArchive } from '../open-archive.js';
import { textTable } from '../text-table.js';

export async function sessionsCommand(
  env: Environment,
  args: readonly string[],
  { json }: { json: boolean },
): Promise<number> {
  const sessions = new Sessions(loadConfig(env), env);
  const [verb, name] = args;
  if (verb === undefined) return await withArchive(env, (db) => list(db, sessions, json));
  const number = Number(name);
  if (verb !== 'end' || !sessions.numbers.includes(number)) {
    const known = sessions.numbers.join(', ') || 'none';
    throw new PersonError(
      `\`tgsync sessions\` lists the logins, \`tgsync sessions end N\` ends one (there are: ${known}).`,
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
  if (json) console.log(JSON.stringify(rows, null, 2));
  else if (rows.length === 0) console.log('There is no login yet: run `tgsync login`.');
  else {
    const cells = rows.map((it) => [String(it.number), it.account, it.state, it.seenAt?.toISOString() ?? '–', it.file]);
    console.log(textTable(['login', 'account', 'state', 'last used (UTC)', 'file'], cells, [0]));
  }
  return 0;
}

interface Deps {
  db: Db;
  config: Config;
  env: Environment;
  sessions: Sessions;
}

/** The worker that uses the login gives it up first: a login is never used by two. */
async function end({ db, config, env, sessions }: Deps, number: number): Promise<number> {
  await endLease(db, number);
  console.log(`Waiting until no worker uses login ${number}…`);
  const account = new Account({ config, env, db, log: createLogger('cli', 'silent') });
  try {
    await account.startToEnd(number);
    await account.logOut();
  } catch (error) {
    if (!(error instanceof RetryAfterError)) throw error;
    console.log(error.message); // Telegram ended it before us
  } finally {
    await account.release();
  }
  sessions.remove(number);
  await forgetLease(db, number);
  console.log(`Login ${number} is ended, and its file is gone.`);
  if (sessions.numbers.length === 0)
    console.log('It was the last one: run `tgsync login`, and all goes on where it was.');
  return 0;
}
