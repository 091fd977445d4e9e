/** late-worker.ts: a media worker in its own process, which opens its queues and starts when told to; SIGTERM ends it. */
import { once } from 'node:events';
import { createLogger } from '@tgsync/shared/app';
import { openQueues, startWorker, stopWorker } from '@tgsync/shared/jobs';

const settings = JSON.parse(process.argv[2]!) as Parameters<typeof openQueues>[0];
const queues = await openQueues(settings, () => {});
process.send!('opened');
await once(process, 'message');
const log = createLogger('late');
const done = async () => void process.send!('done');
const worker = startWorker(
  queues.connection,
  'media',
  { 'download-media': done, 'prove-media': done, 'remove-links': done },
  { concurrency: 1, log },
);
process.once('SIGTERM', () => void stopWorker(worker).then(() => process.exit(0)));
