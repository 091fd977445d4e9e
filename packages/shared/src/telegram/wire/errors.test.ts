/** What Telegram's errors mean for us, by the names that the server sends. */
import { expect, test } from 'vitest';
import { errors } from './gramjs.js';
import { PermanentError, PersonError } from '../../errors/index.js';
import {
  ChatUnreadableError,
  FileReferenceError,
  FloodWaitError,
  LoginLostError,
  meaningOf,
  TelegramError,
} from './errors.js';

/** As GramJS throws it. */
function refusal(code: number, reason: string): Error {
  return new errors.RPCError(reason, { className: 'messages.GetHistory' } as never, code);
}
const meaning = (code: number, reason: string) => meaningOf(refusal(code, reason), 'messages.GetHistory');

test.each([
  [401, 'AUTH_KEY_UNREGISTERED'],
  [401, 'SESSION_REVOKED'],
  [401, 'SESSION_EXPIRED'],
  [401, 'USER_DEACTIVATED'],
  [401, 'USER_DEACTIVATED_BAN'],
  [406, 'AUTH_KEY_DUPLICATED'],
])('%i %s ends the login, with the remedy', (code, reason) => {
  expect(meaning(code, reason)).toBeInstanceOf(LoginLostError);
  expect((meaning(code, reason) as Error).message).toMatch(/Run `tgsync login`/);
});

test.each(['CHANNEL_PRIVATE', 'CHANNEL_INVALID', 'CHAT_FORBIDDEN', 'PEER_ID_INVALID', 'USER_BANNED_IN_CHANNEL'])(
  '%s is a state of the chat',
  (reason) => expect(meaning(400, reason)).toBeInstanceOf(ChatUnreadableError),
);

test.each([
  ['FILE_REFERENCE_EXPIRED', FileReferenceError],
  ['FILE_REFERENCE_INVALID', FileReferenceError],
  ['LOCATION_INVALID', PermanentError],
  ['API_ID_INVALID', PersonError],
  ['SOMETHING_NEW', TelegramError],
])('%s', (reason, kind) => expect(meaning(400, reason)).toBeInstanceOf(kind));

test('waits are dates, also those of accounts without Premium', () => {
  const wait = new errors.FloodWaitError({ request: { className: 'upload.GetFile' } as never, capture: 2900 });
  expect(meaningOf(wait, 'upload.GetFile')).toMatchObject({ seconds: 2900, method: 'upload.GetFile' });
  expect(meaningOf(wait, 'upload.GetFile')).toBeInstanceOf(FloodWaitError);
});
