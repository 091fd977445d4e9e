/** jobs: the catalog, typed queues and the worker shell. */
export {
  type JobName,
  type JobsOn,
  jobs,
  type Payload,
  type PlannedJob,
  type QueueName,
  queueNames,
} from './catalog.js';
export { type JobCounts, openQueues, type Queues } from './queues.js';
export { type Handlers, type JobContext, type QueueWorker, startWorker, stopWorker } from './worker.js';
export { historyTitle, mediaTitle, surveyTitle } from './titles.js';
