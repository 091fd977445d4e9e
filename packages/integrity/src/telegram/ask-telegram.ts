/** ask-telegram.ts: surveys every wanted chat now. Chats that cannot be surveyed are reported with the reason. */
import { databaseTime, unsurveyedSince } from '@tgsync/shared/db';
import { type PlannedJob, surveyTitle } from '@tgsync/shared/jobs';
import { surveyor } from '@tgsync/shared/survey';
import { askAccount, type Asking } from './ask-account.js';

const batch = 100;

/** Returns undefined once every wanted chat was surveyed; otherwise why not. */
export async function askTelegram(asking: Asking): Promise<string | undefined> {
  const { db } = asking;
  const since = await databaseTime(db);
  const left = async () => await unsurveyedSince(db, since);
  return await askAccount(asking, {
    all: await left(),
    left,
    jobs: (ids) =>
      batches(ids).map((chatIds): PlannedJob => {
        return { name: 'survey-chats', payload: { chatIds }, title: surveyTitle(chatIds.length) };
      }),
    act: async (account, ids, context) => {
      const survey = surveyor({ account, db });
      for (const some of batches(ids)) await survey(some, context);
    },
  });
}

function batches(ids: readonly bigint[]): bigint[][] {
  return Array.from({ length: Math.ceil(ids.length / batch) }, (_, index) =>
    ids.slice(index * batch, (index + 1) * batch),
  );
}
