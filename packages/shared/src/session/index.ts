/**
 * session: the logins on this disk, encrypted or not, and their keys. Loads no Telegram library, which checking for a login does not
 * need.
 */
export { keyName } from './key-name.js';
export { keyOf, makePrivate, type Session } from './session-file.js';
export { Sessions } from './sessions.js';
