/** resolve-chats.ts: asks Telegram which chats the usernames, folders and "*" of tg.chats mean. */
import { RetryAfterError } from '@tgsync/shared/errors';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import type { Troubles } from '@tgsync/shared/fleet';
import { resolver } from '@tgsync/shared/survey';
import type { Deps } from './deps.js';

export const resolveChats = (deps: Deps, troubles: Pick<Troubles, 'now'>) => {
  const resolve = resolver(deps);
  return async (_: Payload<'resolve-chats'>, context: JobContext): Promise<void> => {
    try {
      await resolve(context);
      troubles.now(undefined);
    } catch (error) {
      const isFailure = !(error instanceof RetryAfterError) && !context.signal.aborted;
      if (context.lastAttempt && isFailure)
        troubles.now(`cannot find out which chats tg.chats names: ${(error as Error).message}`);
      throw error;
    }
  };
};
