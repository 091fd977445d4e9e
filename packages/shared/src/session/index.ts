/** session: the logins on this disk, sealed or not, and their keys. Knows no Telegram library: who only asks whether there is a login loads none. */
export { keyName } from './key-name.js';
export { keyOf, makePrivate, type Session } from './session-file.js';
export { Sessions } from './sessions.js';
