/** survey-chats.ts: surveys chats; when that fails for good, it is a state of the chats, and they are looked at again later. */
import { recordUnreadable } from '@tgsync/shared/db';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import { surveyor } from '@tgsync/shared/survey';
import type { Deps } from './deps.js';

export const surveyChats = (deps: Deps) => {
  const survey = surveyor(deps);
  return async ({ chatIds }: Payload<'survey-chats'>, context: JobContext): Promise<void> => {
    try {
      await survey(chatIds, context);
    } catch (error) {
      if (context.lastAttempt && !context.signal.aborted) await giveUp(deps, chatIds, error as Error);
      throw error;
    }
  };
};

async function giveUp({ db, config }: Deps, ids: readonly bigint[], error: Error): Promise<void> {
  const retryAt = new Date(Date.now() + config.tg.sync_interval * 1000);
  for (const id of ids) await recordUnreadable(db, id, `could not be looked at: ${error.message}`, retryAt);
}
