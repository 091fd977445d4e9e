/** errors.ts: Telegram's errors as classes. Handlers see these classes, never error strings. */
import { errors } from './gramjs.js';
import { PermanentError, PersonError, RetryAfterError } from '../../errors/index.js';

/** The server does not know our auth key (-404, AUTH_KEY_UNREGISTERED on a data centre that is not home). */
export class KeyLostError extends Error {
  override name = 'KeyLostError';
}

/** The login has ended: only the person can log in again. */
export class LoginLostError extends PersonError {
  override name = 'LoginLostError';
}

const heldAgainMs = 1000;

/** The login was not ours to use at the moment of a write; the work waits until somebody holds it again. */
export class NotHeldError extends RetryAfterError {
  override name = 'NotHeldError';
  constructor(message: string) {
    super(heldAgainMs, message);
  }
}

/** FLOOD_WAIT, FLOOD_PREMIUM_WAIT, SLOWMODE_WAIT: a date, not a failure. */
export class FloodWaitError extends Error {
  override name = 'FloodWaitError';
  constructor(
    readonly seconds: number,
    readonly method: string,
  ) {
    super(`Telegram requires a wait of ${seconds} s before the next ${method}`);
  }
}

/** The file reference, access hash or data centre of a file is outdated; the message has a fresh one. */
export class FileReferenceError extends Error {
  override name = 'FileReferenceError';
}

/** The item is on another data centre. */
export class MigrateError extends Error {
  override name = 'MigrateError';
  constructor(
    readonly dcId: number,
    message: string,
  ) {
    super(message);
  }
}

/** A chat that cannot be read: left, banned, deleted, private. */
export class ChatUnreadableError extends Error {
  override name = 'ChatUnreadableError';
}

/** Any other refusal, with Telegram's own name for it. */
export class TelegramError extends Error {
  override name = 'TelegramError';
  constructor(
    readonly code: number,
    readonly reason: string,
    method: string,
  ) {
    super(`Telegram answered ${reason} (${code}) to ${method}`);
  }
}

const loginLost =
  /^(AUTH_KEY_DUPLICATED|AUTH_KEY_UNREGISTERED|AUTH_KEY_INVALID|SESSION_REVOKED|SESSION_EXPIRED|USER_DEACTIVATED(_BAN)?)$/;
const unreadable =
  /^(CHANNEL_PRIVATE|CHANNEL_INVALID|CHANNEL_PUBLIC_GROUP_NA|CHAT_FORBIDDEN|CHAT_ID_INVALID|PEER_ID_INVALID|USER_BANNED_IN_CHANNEL|CHAT_RESTRICTED)$/;

/** Translates whatever GramJS threw for a call of `method`. Our own errors pass through. */
export function meaningOf(error: unknown, method: string): unknown {
  if (error instanceof errors.FloodWaitError) return new FloodWaitError(error.seconds, method);
  if (error instanceof errors.SlowModeWaitError) return new FloodWaitError(error.seconds, method);
  if (
    error instanceof errors.FileMigrateError ||
    error instanceof errors.PhoneMigrateError ||
    error instanceof errors.UserMigrateError ||
    error instanceof errors.NetworkMigrateError
  ) {
    return new MigrateError(error.newDc, error.message);
  }
  if (!(error instanceof errors.RPCError)) return error;
  const reason = error.errorMessage;
  if (reason.startsWith('FILE_REFERENCE_') || reason === 'LOCATION_NOT_AVAILABLE')
    return new FileReferenceError(reason);
  if (loginLost.test(reason)) {
    return new LoginLostError(
      `Telegram ended this login (${reason}). Run \`tgsync login\`; everything then continues where it left off.`,
    );
  }
  if (unreadable.test(reason)) return new ChatUnreadableError(reason);
  if (/^(API_ID_INVALID|API_ID_PUBLISHED_FLOOD)$/.test(reason)) {
    return new PersonError(
      `Telegram refused the API credentials (${reason}). Check tg.api_id and tg.api_hash in config.json.`,
    );
  }
  if (/^(LOCATION_INVALID|FILE_ID_INVALID)$/.test(reason))
    return new PermanentError(`Telegram has no such file (${reason})`);
  return new TelegramError(error.code ?? 0, reason, method);
}
