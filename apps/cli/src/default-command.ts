/** default-command.ts: what `tgsync` does without arguments: it prints help or, in a container, runs the next step of the set-up. */
import { type Environment, loadConfig } from '@tgsync/shared/config';
import { PersonError } from '@tgsync/shared/errors';
import { Sessions } from '@tgsync/shared/session';

export function defaultCommand(env: Environment): 'help' | 'login' | 'status' {
  if (env.calledAs === undefined) return 'help';
  return isLoggedIn(env) ? 'status' : 'login';
}

/** `login` handles a config.json that is missing or lacks the credentials, and reports any other errors in it. */
function isLoggedIn(env: Environment): boolean {
  try {
    return new Sessions(loadConfig(env), env).numbers.length > 0;
  } catch (error) {
    if (error instanceof PersonError) return false;
    throw error;
  }
}
