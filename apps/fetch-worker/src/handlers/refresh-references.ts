/**
 * refresh-references.ts: fetches a chat's messages again for new file references, a hundred ids per call: for those that Telegram
 * refused, and for owed files whose references are as old. A message that Telegram says is empty, or that holds something else, is no
 * longer an origin; one that is missing from the answer, or cannot be read, may still be one.
 */
import {
  type Asked,
  type ChatRow,
  failUnreachable,
  findChat,
  loseOrigin,
  type MediaRef,
  type MediaRow,
  messagesToAsk,
  recordUnreadable,
  recordUntold,
  renewReferences,
} from '@tgsync/shared/db';
import { type JobContext, jobs, type Payload } from '@tgsync/shared/jobs';
import { type Answer, ChatUnreadableError, getMessages, pageLimit } from '@tgsync/shared/telegram';
import type { Deps } from './deps.js';

export const refreshReferences =
  ({ db, account, emitter }: Deps) =>
  async ({ chatId }: Payload<'refresh-references'>, { signal, log }: JobContext): Promise<void> => {
    const chat = await findChat(db, chatId);
    if (!chat) return;
    for (;;) {
      signal.throwIfAborted();
      const asked = await messagesToAsk(db, chatId, pageLimit);
      if (asked.length === 0) break;
      const ids = [...new Set(asked.map((it) => Number(it.messageId)))];
      let answer: Answer;
      try {
        answer = await getMessages(account, chat, ids, signal);
      } catch (error) {
        if (!(error instanceof ChatUnreadableError)) throw error;
        await recordUnreadable(db, chat, error.message);
        await failUnreachable(db);
        return;
      }
      const { renewed, untold } = await take(db, chat, asked, answer);
      // Media with a refused reference are waiting for this; the others are queued already, or will be in their turn.
      await emitter.emit(
        renewed.filter((it) => it.refused),
        chat.title,
        answer.messages,
      );
      log.info({ chat: chatId, asked: asked.length, renewed: renewed.length, untold }, 'file references renewed');
    }
  };

async function take(
  db: Deps['db'],
  { id: chatId, accountId }: ChatRow,
  asked: readonly Asked[],
  answer: Answer,
): Promise<{ renewed: (MediaRef & { refused: boolean })[]; untold: number }> {
  const messages = new Map(answer.messages.map((it) => [it.id, it]));
  const told = new Set(answer.ids);
  const renewed: Asked[] = [];
  const found: MediaRow[] = [];
  let untold = 0;
  for (const one of asked) {
    const message = messages.get(one.messageId);
    const fresh = message?.media.find((it) => it.kind === one.kind && it.id === one.id);
    if (fresh) {
      found.push(fresh);
      renewed.push(one);
    } else if (message ? message.mapped : told.has(one.messageId)) {
      await loseOrigin(db, chatId, one);
    } else if (one.refused) {
      await recordUntold(db, chatId, one, jobs['download-media'].attempts);
      untold++;
    }
  }
  await renewReferences(db, accountId, found);
  return { renewed: renewed.map(({ kind, id, refused }) => ({ kind, id, refused })), untold };
}
