/**
 * refresh-references.ts: asks a chat's messages again for those of its media whose file reference Telegram refused,
 * a hundred ids a call. A message that Telegram says is empty, or that holds something else, is no origin any more; one that it says
 * nothing of, or that cannot be read, may still be one.
 */
import {
  findChat,
  loseOrigin,
  type MediaRef,
  messagesToAsk,
  recordUnreadable,
  renewReference,
} from '@tgsync/shared/db';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import { type Answer, ChatUnreadableError, getMessages, pageLimit } from '@tgsync/shared/telegram';
import type { Deps } from './deps.js';

export const refreshReferences =
  ({ db, account }: Deps) =>
  async ({ chatId }: Payload<'refresh-references'>, { signal, log }: JobContext): Promise<void> => {
    const chat = await findChat(db, chatId);
    if (!chat) return;
    const untold: MediaRef[] = [];
    for (;;) {
      const asked = await messagesToAsk(db, chatId, pageLimit, untold);
      if (asked.length === 0) break;
      const ids = [...new Set(asked.map((it) => Number(it.messageId)))];
      let answer: Answer;
      try {
        answer = await getMessages(account, chat, ids, signal);
      } catch (error) {
        if (!(error instanceof ChatUnreadableError)) throw error;
        await recordUnreadable(db, chatId, error.message);
        return;
      }
      const messages = new Map(answer.messages.map((it) => [it.id, it]));
      const told = new Set(answer.ids);
      for (const one of asked) {
        const message = messages.get(one.messageId);
        const fresh = message?.media.find((it) => it.kind === one.kind && it.id === one.id);
        if (fresh) await renewReference(db, fresh);
        else if (message ? message.mapped : told.has(one.messageId)) await loseOrigin(db, chatId, one);
        else untold.push(one);
      }
      log.info({ chat: chatId, asked: asked.length, untold: untold.length }, 'file references renewed');
    }
  };
