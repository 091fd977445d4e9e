/**
 * catalog.ts: every job once: its queue, payload and policy. A payload carries ids, not rows: rows change while jobs wait.
 * `key` is the deduplication id: a hurry, not a lock. Postgres decides who owns the work.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

export const queueNames = ['history', 'telegram', 'media'] as const;
export type QueueName = (typeof queueNames)[number];

/** A 64-bit id: a decimal string in the queue, a bigint in the code. */
const id = z.codec(z.string().regex(/^-?\d+$/), z.bigint(), {
  decode: (it) => BigInt(it),
  encode: (it) => it.toString(),
});

interface Definition<Q, P extends z.ZodType> {
  queue: Q;
  payload: P;
  attempts: number;
  key: (payload: z.output<P>) => string;
}
const job = <const Q extends QueueName, P extends z.ZodType>(it: Definition<Q, P>) => it;

export const jobs = {
  /** What is the newest message of these chats, and can they be read? */
  'survey-chats': job({
    queue: 'history',
    payload: z.object({ chatIds: z.array(id).min(1).max(100) }),
    attempts: 5,
    key: ({ chatIds }) => `survey-${createHash('sha256').update(chatIds.join()).digest('hex').slice(0, 16)}`,
  }),
  /**
   * Reads what is still owed of a chat between two message ids, newest first, `limit` messages a run; comes back until all is read.
   * `part` names the piece: a window of a channel's ids, or the one chain of a chat that shares its ids with others.
   */
  'history-page': job({
    queue: 'history',
    payload: z.object({ chatId: id, part: z.string(), from: id, to: id, limit: z.int().min(1) }),
    attempts: 5,
    key: ({ chatId, part }) => `history-${chatId}-${part}`,
  }),
  /** Asks a chat's messages again for those of its media whose file reference was refused. */
  'refresh-references': job({
    queue: 'telegram',
    payload: z.object({ chatId: id }),
    attempts: 5,
    key: ({ chatId }) => `references-${chatId}`,
  }),
  /** Puts a key of a data centre into the session file, other than the one that was refused. */
  'grant-media-key': job({
    queue: 'telegram',
    payload: z.object({ dcId: z.int(), refused: z.string().nullable() }),
    attempts: 5,
    key: ({ dcId }) => `key-${dcId}`,
  }),
  /** Lets another login of this account in, which shows this token (base64url): `tgsync login --add`. */
  'accept-login-token': job({
    queue: 'telegram',
    payload: z.object({ token: z.base64url() }),
    attempts: 1,
    key: ({ token }) => `token-${createHash('sha256').update(token).digest('hex').slice(0, 16)}`,
  }),
  /** Downloads a photo or document unless it is there, and links it into the chats that wait for it. */
  'download-media': job({
    queue: 'media',
    payload: z.object({ kind: z.enum(['photo', 'document']), id }),
    attempts: 5,
    key: (it) => `${it.kind}-${it.id}`,
  }),
};

export type JobName = keyof typeof jobs;
export type Payload<N extends JobName> = z.output<(typeof jobs)[N]['payload']>;
export type JobsOn<Q extends QueueName> = {
  [N in JobName]: (typeof jobs)[N]['queue'] extends Q ? N : never;
}[JobName];
/** A job that was decided on but is in no queue yet. The title is for people who look at the queue; nothing decides by it. */
export type PlannedJob = { [N in JobName]: { name: N; payload: Payload<N>; title?: string } }[JobName];
