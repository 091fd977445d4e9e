/** telegram: the only place that uses GramJS: login, the account's one connection, file connections, and what answers mean. */
export { Account } from './account/account.js';
export { whileNobodyUses } from './account/lease-holder.js';
export { type Dialog, DialogsWalk, listDialogs } from './read/dialogs.js';
export type { DialogTraits } from './read/dialog-traits.js';
export { type Folder, getFolders } from './read/folders.js';
export { getMutedKinds, type MutedKinds } from './read/muted-kinds.js';
export { resolveUsername } from './read/usernames.js';
export {
  ChatUnreadableError,
  FileReferenceError,
  FloodWaitError,
  LoginLostError,
  MigrateError,
} from './wire/errors.js';
export { KeyNeededError } from './files/file-calls.js';
export { Files } from './files/files.js';
export { type Answer, getHistory, newestBefore, getMessages, pageLimit } from './read/history.js';
export { getPollResults, openPolls } from './read/polls.js';
export { pinnedIds } from './read/pins.js';
export { hiddenUpTo } from './read/available.js';
export { noteCipher } from './wire/sealed-state.js';
export { messageFromBytes } from './read/stored.js';
export { getPeerDialogs, getUpdatesState, type PeerDialogs } from './read/peer-dialogs.js';
export { type LoggedIn, login, type LoginQuestions } from './account/login.js';
export { acceptLoginToken } from './account/login-token.js';
export { cleanText } from './map/clean-text.js';
export { isOfItem } from './policy/blame.js';
export { isOfPlace } from './policy/places.js';
export { grantMediaKey } from './account/media-keys.js';
export { Applier, type ApplierDeps } from './updates/index.js';
