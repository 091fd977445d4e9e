/** plan-surveys.ts: which chats are due for a survey? Pure. */
import type { ChatRow } from '@tgsync/shared/db';
import { type PlannedJob, surveyTitle } from '@tgsync/shared/jobs';

const batch = 100;

/** One job per hundred chats that are due, leaving out unreadable ones that are to be retried later. */
export function planSurveys(chats: readonly ChatRow[], now: Date): PlannedJob[] {
  const isPostponed = (it: ChatRow) => it.state === 'unreadable' && !it.changedAt && it.retryAt && it.retryAt > now;
  const due = chats.filter((it) => !isPostponed(it)).map((it) => it.id);
  const planned: PlannedJob[] = [];
  for (let start = 0; start < due.length; start += batch) {
    const chatIds = due.slice(start, start + batch);
    planned.push({ name: 'survey-chats', payload: { chatIds }, title: surveyTitle(chatIds.length) });
  }
  return planned;
}
