/** telegram: the only place that speaks GramJS: login, the account's one connection, file connections, what answers mean. */
export { Account } from './account.js';
export { type Dialog, listDialogs } from './dialogs.js';
export { ChatUnreadableError, FileReferenceError, FloodWaitError, LoginLostError, MigrateError } from './errors.js';
export { KeyNeededError } from './file-calls.js';
export { Files } from './files.js';
export { type Answer, getHistory, getMessages, getPeerDialogs, getUpdatesState, pageLimit } from './history.js';
export { type LoggedIn, login, type LoginQuestions } from './login.js';
export { acceptLoginToken } from './login-token.js';
export { mediaOf } from './map-media.js';
export { messageRow } from './map-message.js';
export { cleanText } from './clean-text.js';
export { chatFacts, migrationsIn, peerRows } from './map-peer.js';
export { grantMediaKey } from './media-keys.js';
export { Api } from 'telegram';
