/** ask-samples.ts: has the unread history of chats looked at, for `tgsync plan`. */
import { databaseTime, readSample, type Sample, type SampleRequest } from '@tgsync/shared/db';
import type { PlannedJob } from '@tgsync/shared/jobs';
import { sampler } from '@tgsync/shared/survey';
import { askAccount, type Asking } from './ask-account.js';

export interface Samples {
  /** By chat id. */
  samples: Map<bigint, Sample>;
  /** Why some are missing. */
  problem: string | undefined;
}

export async function askSamples(asking: Asking, requests: readonly SampleRequest[]): Promise<Samples> {
  const { db } = asking;
  const since = await databaseTime(db);
  const samples = new Map<bigint, Sample>();
  const left = async () => {
    for (const request of requests.filter((it) => !samples.has(it.chatId))) {
      const sample = await readSample(db, request, since);
      if (sample) samples.set(request.chatId, sample);
    }
    return requests.filter((it) => !samples.has(it.chatId));
  };
  const problem = await askAccount(asking, {
    all: requests,
    left,
    jobs: (some) => some.map(jobOf),
    act: async (account, some, context) => {
      const sample = sampler({ account, db });
      for (const request of some) await sample(request, context);
    },
  });
  return { samples, problem };
}

function jobOf({ since, until, ...request }: SampleRequest): PlannedJob {
  const payload = { ...request, since: since?.getTime() ?? null, until: until?.getTime() ?? null };
  return { name: 'sample-chat', payload, title: `Look at unread messages of chat ${request.chatId}` };
}
