/**
 * accept-login.ts: approves another login of the account, for `tgsync login --add`, as a phone does when it scans a QR code. The job
 * grants nothing: only the request beside the session file is approved.
 */
import { ConnectionLostError, RetryAfterError } from '@tgsync/shared/errors';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import type { Sessions } from '@tgsync/shared/session';
import { type Account, acceptLoginToken } from '@tgsync/shared/telegram';

export const acceptLogin =
  ({ account, sessions }: { account: Account; sessions: Sessions }) =>
  async (_payload: Payload<'accept-login'>, { log }: JobContext): Promise<void> => {
    const found = sessions.requested();
    if (!found) return log.info('no login request found');
    if ('problem' in found)
      return log.warn({ file: sessions.requestFile, reason: found.problem }, 'login request ignored');
    try {
      await acceptLoginToken(account, found.request.token);
    } catch (error) {
      // Still unanswered; it expires by itself.
      if (!(error instanceof RetryAfterError || error instanceof ConnectionLostError)) sessions.endRequest();
      throw error;
    }
    sessions.endRequest();
    log.info('login request approved');
  };
