/** default-command.ts: what `tgsync` does without a word: help; in a container, where a person is led by the hand, the next step. */
import { type Environment, loadConfig } from '@tgsync/shared/config';
import { PersonError } from '@tgsync/shared/errors';
import { Sessions } from '@tgsync/shared/session';

export function defaultCommand(env: Environment): 'help' | 'login' | 'status' {
  if (env.calledAs === undefined) return 'help';
  return isLoggedIn(env) ? 'status' : 'login';
}

/** A config.json that is missing or lacks the credentials is what `login` is for; it also tells what else is wrong. */
function isLoggedIn(env: Environment): boolean {
  try {
    return new Sessions(loadConfig(env), env).numbers.length > 0;
  } catch (error) {
    if (error instanceof PersonError) return false;
    throw error;
  }
}
