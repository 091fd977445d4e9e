/** sample-chat.ts: looks at what a chat holds that was not read yet; `tgsync plan` waits for the answer in Postgres. */
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import { sampler } from '@tgsync/shared/survey';
import type { Deps } from './deps.js';

export const sampleChat = (deps: Deps) => {
  const sample = sampler(deps);
  return async ({ since, until, ...request }: Payload<'sample-chat'>, context: JobContext): Promise<void> => {
    const date = (ms: number | null) => (ms === null ? null : new Date(ms));
    await sample({ ...request, since: date(since), until: date(until) }, context);
  };
};
