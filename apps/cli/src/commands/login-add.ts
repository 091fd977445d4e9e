/**
 * login-add.ts: `tgsync login --add` adds a login of the same account, so that one more fetch worker can read alongside the others. The
 * first login approves it, as a phone does when it scans a QR code: no code is sent. The two-step password is asked for once. The token
 * goes to the fetch worker in a file beside the session, never through the queue, which others may be able to write to.
 */
import { createLogger } from '@tgsync/shared/app';
import { type Config, type Environment, loadConfig } from '@tgsync/shared/config';
import { archiveId, type Db } from '@tgsync/shared/db';
import { PersonError } from '@tgsync/shared/errors';
import { openQueues } from '@tgsync/shared/jobs';
import { Sessions } from '@tgsync/shared/session';
import { Account, acceptLoginToken, login } from '@tgsync/shared/telegram';
import { withArchive } from '../open-archive.js';
import { Prompt } from '../prompt.js';

export async function loginAddCommand(env: Environment): Promise<number> {
  const sessions = new Sessions(loadConfig(env), env);
  const { numbers } = sessions;
  const first = numbers[0] === undefined ? undefined : sessions.read(numbers[0]);
  if (!first) throw new PersonError('There is no login yet that could approve another one. Run `tgsync login` first.');
  const number = firstFree(numbers);
  return await withArchive(env, async (db, config) => {
    const prompt = new Prompt();
    const approval = new LoginApproval({ db, config, env, sessions });
    try {
      prompt.say('Asking the first login to approve a new one…');
      const done = await login(config, {
        phone: () => Promise.reject(new PersonError('Telegram asks for a phone number. Run `tgsync login`.')),
        code: () => Promise.reject(new PersonError('Telegram asks for a code. Run `tgsync login`.')),
        password: (hint) =>
          prompt.ask(`Your two-step verification password${hint ? ` (hint: ${hint})` : ''}:`, { secret: true }),
        showQr: (link) => approval.request(new URL(link).searchParams.get('token')!),
        say: (text) => prompt.say(text),
      });
      await done.close();
      if (done.session.accountId !== first.accountId)
        throw new PersonError("Telegram logged in a different account from the first login's. Nothing was changed.");
      sessions.write(number, done.session);
      prompt.say(
        `Login ${number} of ${done.name} is in ${sessions.file(number)}. You can now start one more fetch worker.`,
      );
      return 0;
    } finally {
      prompt.close();
      await approval.close();
    }
  });
}

/** The lowest unused login number above 1. */
function firstFree(numbers: readonly number[]): number {
  let number = 2;
  while (numbers.includes(number)) number++;
  return number;
}

interface ApprovalDeps {
  db: Db;
  config: Config;
  env: Environment;
  sessions: Sessions;
}

/** Has a token approved by whoever holds the account now: a running fetch worker or, if there is none, this process. */
class LoginApproval {
  private readonly account: Account;

  constructor(private readonly deps: ApprovalDeps) {
    const { config, env, db } = deps;
    this.account = new Account({ config, env, db, log: createLogger('cli', 'silent') });
  }

  /** Called again with a new token if the last one was not accepted in time. */
  async request(token: string): Promise<void> {
    if (await this.account.tryStart()) return await acceptLoginToken(this.account, token);
    const { env, db, sessions } = this.deps;
    sessions.request(token);
    const queues = await openQueues(
      { redisUrl: env.redisUrl, databaseUrl: db.databaseUrl, archive: await archiveId(db) },
      () => {},
    );
    try {
      await queues.enqueue([{ name: 'accept-login', payload: {} }]);
    } finally {
      await queues.close();
    }
  }

  async close(): Promise<void> {
    this.deps.sessions.endRequest();
    await this.account.release();
  }
}
