/** stuck-worker.ts: a media worker in its own process that takes a job, tells its parent, and never finishes it, to be killed. */
import { createLogger } from '@tgsync/shared/app';
import { openQueues, startWorker } from '@tgsync/shared/jobs';

const settings = JSON.parse(process.argv[2]!) as Parameters<typeof openQueues>[0];
const queues = await openQueues(settings, () => {});
const stuck = () => new Promise<void>(() => process.send!('working'));
startWorker(
  queues.connection,
  'media',
  { 'download-media': stuck, 'prove-media': stuck, 'remove-links': stuck },
  { concurrency: 1, log: createLogger('stuck', 'silent') },
);
