/** log-unstorable.ts: reports what Postgres refused to store: it is left out, and tried again in a day. */
import type { OnUnstorable } from '@tgsync/shared/db';
import type { JobContext } from '@tgsync/shared/jobs';

export const logUnstorable =
  (log: JobContext['log']): OnUnstorable =>
  ({ what, chatId: chat, id, reason }) =>
    log.error({ what, chat, id, reason }, 'cannot be stored; left out and tried again in a day');
