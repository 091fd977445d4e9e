/**
 * refresh-references.ts: asks a chat's messages again for those of its media whose file reference Telegram refused,
 * a hundred ids a call. A message that is gone or holds something else is no origin any more.
 */
import {
  findChat,
  loseOrigin,
  type MediaRow,
  messagesToAsk,
  recordUnreadable,
  renewReference,
} from '@tgsync/shared/db';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import { Api, ChatUnreadableError, getMessages, mediaOf, pageLimit } from '@tgsync/shared/telegram';
import type { Deps } from './deps.js';

const lookAgainMs = 6 * 3600 * 1000;

export const refreshReferences =
  ({ db, account }: Deps) =>
  async ({ chatId }: Payload<'refresh-references'>, { signal, log }: JobContext): Promise<void> => {
    const chat = await findChat(db, chatId);
    if (!chat) return;
    for (;;) {
      const asked = await messagesToAsk(db, chatId, pageLimit);
      if (asked.length === 0) return;
      const ids = [...new Set(asked.map((it) => Number(it.messageId)))];
      let messages: Api.TypeMessage[];
      try {
        ({ messages } = await getMessages(account, chat, ids, signal));
      } catch (error) {
        if (!(error instanceof ChatUnreadableError)) throw error;
        await recordUnreadable(db, chatId, error.message, new Date(Date.now() + lookAgainMs));
        return;
      }
      const found = new Map<string, MediaRow>();
      for (const message of messages) {
        if (message instanceof Api.MessageEmpty) continue;
        for (const one of mediaOf(message)) found.set(`${message.id}-${one.kind}-${one.id}`, one);
      }
      for (const one of asked) {
        const fresh = found.get(`${one.messageId}-${one.kind}-${one.id}`);
        if (fresh) await renewReference(db, fresh);
        else await loseOrigin(db, chatId, one);
      }
      log.info({ chat: chatId, asked: asked.length }, 'file references renewed');
    }
  };
