/**
 * survey-chats.ts: surveys chats. A failure here is no single chat's fault: those have their own reasons already, and all are surveyed
 * again.
 */
import { RetryAfterError } from '@tgsync/shared/errors';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import type { Troubles } from '@tgsync/shared/fleet';
import { surveyor } from '@tgsync/shared/survey';
import type { Deps } from './deps.js';

export const surveyChats = (deps: Deps, troubles: Pick<Troubles, 'now'>) => {
  const survey = surveyor(deps);
  return async ({ chatIds }: Payload<'survey-chats'>, context: JobContext): Promise<void> => {
    try {
      await survey(chatIds, context);
      troubles.now(undefined);
    } catch (error) {
      const isFailure = !(error instanceof RetryAfterError) && !context.signal.aborted;
      if (context.lastAttempt && isFailure)
        troubles.now(`cannot check chats for new messages: ${(error as Error).message}`);
      throw error;
    }
  };
};
