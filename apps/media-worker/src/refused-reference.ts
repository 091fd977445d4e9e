/**
 * refused-reference.ts: what happens to a media whose file reference Telegram refused. It waits in Postgres and takes no slot: the fetch
 * worker fetches the messages that hold it, a hundred at a time, and then it is planned again. The parts on disk stay.
 */
import { type Db, type Media, type Origin, originOf, refuseReference } from '@tgsync/shared/db';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import type { Queues } from '@tgsync/shared/jobs';
import type { FileReferenceError } from '@tgsync/shared/telegram';

/** Nothing is wrong, but nothing can be done for now; the media is planned again when it can. */
export class PutOffError extends Error {
  override name = 'PutOffError';
}

/** Nothing can be done until a chat can be read again. */
export class WaitsForChatError extends PutOffError {
  override name = 'WaitsForChatError';
}

/** This many consecutive refusals of new references, without a byte in between, count as a failed attempt. */
const refusalsAnAttempt = 5;

/** Returns the error for the job. `received`: some bytes arrived with the reference before it was refused. */
export async function whenRefused(
  { db, queues }: { db: Db; queues: Queues },
  media: Media,
  error: FileReferenceError,
  received = false,
): Promise<Error> {
  const refusals = await refuseReference(db, media, received);
  if (refusals === undefined) return new RetryAfterError(0, 'a new file reference has arrived');
  const origin = await originOf(db, media);
  if (!origin) return new PermanentError('every message that held it was deleted or changed in Telegram');
  if (!origin.readable) return unreadable(origin);
  await queues.enqueue([{ name: 'refresh-references', payload: { chatId: origin.chatId } }]);
  if (refusals > refusalsAnAttempt) return error;
  return new PutOffError('its file reference expired; a new one was requested');
}

function unreadable({ chatId, wanted }: Origin): Error {
  const why = `its file reference expired, and chat ${chatId}, which has the message, cannot be read now`;
  return wanted ? new WaitsForChatError(why) : new PermanentError(`${why}; it is not in tg.chats`);
}
