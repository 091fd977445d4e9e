/**
 * store: where the files of an archive are, and how they show in its chats, for those who place, check and mend them;
 * the marker that says whose they are; and the ways to the disk that follow no symbolic link and outlive a power cut.
 */
export {
  type CopyReason,
  type Link,
  type LinkPlaces,
  probePrefix,
  putCopy,
  showInChat,
  tryLinks,
} from './chat-links.js';
export { countRepo } from './count-files.js';
export { flush, flushFolder } from './flush.js';
export {
  chatOfFolder,
  damagedFolder,
  damagedName,
  type FileOf,
  incomingFolder,
  incomingLinkName,
  incomingName,
  isWholeInIncoming,
  linkTarget,
  messageOfLink,
  type NameOnTheWay,
  ownerInIncoming,
  ownerInRepo,
  ownerInTemp,
  partPairNames,
  repoFolder,
  repoFolders,
  unfinishedName,
} from './layout.js';
export { claimMediaFolder, holdsArchive, markerName, ownerOf, takeOverMediaFolder } from './marker.js';
export {
  createPlain,
  hasPlainFolder,
  isStillAt,
  lookAtPlain,
  nameOf,
  needPlain,
  NotPlainError,
  openPlain,
  plainFolder,
  readPlain,
  removePlain,
} from './plain.js';
export { useUmask } from './umask.js';
export {
  isOfUnfinished,
  removeUnfinished,
  unfinishedPaths,
  type UnfinishedPaths,
  unwrittenRecord,
} from './unfinished.js';
