/**
 * catalog.ts: declares every job once: its queue, payload and policy. A job is a hint that anybody may have written: its payload carries
 * bounded ids, never a permission, a path or a command, and is parsed by its schema wherever it is read. `key` is the deduplication id:
 * an optimisation, not a lock. Postgres decides who owns the work.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

export const queueNames = ['history', 'telegram', 'media'] as const;
export type QueueName = (typeof queueNames)[number];

/** A 64-bit id: a decimal string in the queue, a bigint in the code. */
const bits64 = z
  .bigint()
  .min(-(2n ** 63n))
  .max(2n ** 63n - 1n);
const id = z.codec(z.string().regex(/^-?\d{1,19}$/), bits64, {
  decode: (it) => BigInt(it),
  encode: (it) => it.toString(),
});
const dcId = z.int().min(1).max(1000);

interface Definition<Q, P extends z.ZodType> {
  queue: Q;
  payload: P;
  attempts: number;
  /** Bulk jobs have a priority number: a queue runs jobs without one first, however many with one are waiting. */
  priority?: number;
  key: (payload: z.output<P>) => string;
}
const job = <const Q extends QueueName, P extends z.ZodType>(it: Definition<Q, P>) => it;

export const jobs = {
  /** Surveys chats: what is their newest message, and can they be read? */
  'survey-chats': job({
    queue: 'history',
    payload: z.object({ chatIds: z.array(id).min(1).max(100) }),
    attempts: 5,
    key: ({ chatIds }) => `survey-${createHash('sha256').update(chatIds.join()).digest('hex').slice(0, 16)}`,
  }),
  /** Looks at what a chat holds that was not read yet, for `tgsync plan`. An id of 0 or a date (ms) of null: no limit on that side. */
  'sample-chat': job({
    queue: 'history',
    payload: z.object({ chatId: id, from: id, to: id, since: z.int().nullable(), until: z.int().nullable() }),
    attempts: 3,
    key: ({ chatId, from, to, since, until }) => `sample-${chatId}-${from}-${to}-${since ?? ''}-${until ?? ''}`,
  }),
  /** Asks which chats the usernames, folders and "*" of tg.chats mean; they are read from Postgres. */
  'resolve-chats': job({
    queue: 'history',
    payload: z.object({}),
    attempts: 5,
    key: () => 'resolve-chats',
  }),
  /**
   * Reads what is still owed of a chat between two message ids, newest first, `limit` messages per run, and reschedules itself until
   * everything is read. `part` names the piece: a window of a channel's ids, or the single chain of a chat that shares its ids with
   * others.
   */
  'history-page': job({
    queue: 'history',
    payload: z.object({
      chatId: id,
      part: z.string().regex(/^[\w-]{1,40}$/),
      from: id,
      to: id,
      limit: z.int().min(1).max(100_000),
    }),
    attempts: 5,
    priority: 1, // new messages and requests from people do not wait behind it
    key: ({ chatId, part }) => `history-${chatId}-${part}`,
  }),
  /** Fetches a chat's messages again for media whose file reference was refused. */
  'refresh-references': job({
    queue: 'telegram',
    payload: z.object({ chatId: id }),
    attempts: 5,
    key: ({ chatId }) => `references-${chatId}`,
  }),
  /** Fetches messages of a chat again that were incomplete when they were stored, a hundred per run. */
  'ask-again': job({
    queue: 'telegram',
    payload: z.object({ chatId: id }),
    attempts: 5,
    priority: 1,
    key: ({ chatId }) => `again-${chatId}`,
  }),
  /** Reads stored messages again by id, a hundred per run; which ones are next is read from Postgres. One for the account, for its pace. */
  recheck: job({
    queue: 'telegram',
    payload: z.object({}),
    attempts: 5,
    priority: 1,
    key: () => 'recheck',
  }),
  /** Writes a data centre key other than the refused one to the session file. */
  'grant-media-key': job({
    queue: 'telegram',
    payload: z.object({ dcId, refused: z.string().max(64).nullable() }),
    attempts: 5,
    key: ({ dcId }) => `key-${dcId}`,
  }),
  /**
   * A new login of this account asks for approval (`tgsync login --add`): read the request beside the session file, where only its
   * owner can write.
   */
  'accept-login': job({
    queue: 'telegram',
    payload: z.object({}),
    attempts: 1,
    key: () => 'accept-login',
  }),
  /** Downloads a photo or document unless it is there, and links it into the chats that wait for it. */
  'download-media': job({
    queue: 'media',
    payload: z.object({ kind: z.enum(['photo', 'document']), id }),
    attempts: 5,
    key: (it) => `${it.kind}-${it.id}`,
  }),
  /** Removes links of a media whose messages were deleted in Telegram and went from the archive; which ones is read from Postgres. */
  'remove-links': job({
    queue: 'media',
    payload: z.object({ kind: z.enum(['photo', 'document']), id }),
    attempts: 5,
    key: (it) => `unlink-${it.kind}-${it.id}`,
  }),
  /** Checks a saved file against Telegram's hashes. */
  'prove-media': job({
    queue: 'media',
    payload: z.object({ kind: z.enum(['photo', 'document']), id }),
    attempts: 2,
    priority: 1,
    key: (it) => `proof-${it.kind}-${it.id}`,
  }),
};

export type JobName = keyof typeof jobs;
export type Payload<N extends JobName> = z.output<(typeof jobs)[N]['payload']>;
export type JobsOn<Q extends QueueName> = {
  [N in JobName]: (typeof jobs)[N]['queue'] extends Q ? N : never;
}[JobName];
/**
 * A job that was planned but not enqueued yet. The title is for people who look at the queue; nothing depends on it. An urgent one goes before
 * all that wait.
 */
export type PlannedJob = {
  [N in JobName]: { name: N; payload: Payload<N>; title?: string; isUrgent?: boolean };
}[JobName];

/** The parsed job; undefined if it is not one of that queue's jobs, or its data do not match the schema. */
export function parseJob(queue: QueueName, { name, data }: { name: string; data: unknown }): PlannedJob | undefined {
  const known = Object.hasOwn(jobs, name) ? jobs[name as JobName] : undefined;
  if (known?.queue !== queue) return undefined;
  const payload = (known.payload as z.ZodType).safeParse(data);
  return payload.success ? ({ name, payload: payload.data } as PlannedJob) : undefined;
}
