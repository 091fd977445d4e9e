/** accept-login-token.ts: approves another login of the account, for `tgsync login --add`, as a phone does that scans a QR code. */
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import { type Account, acceptLoginToken as accept } from '@tgsync/shared/telegram';

export const acceptLoginToken =
  ({ account }: { account: Account }) =>
  async ({ token }: Payload<'accept-login-token'>, { log }: JobContext): Promise<void> => {
    await accept(account, token);
    log.info('another login was let in');
  };
