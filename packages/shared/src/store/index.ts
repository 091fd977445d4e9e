/**
 * store: where the files of an archive are, and how they show in its chats, for those who place, check and mend them;
 * the marker that says whose they are; and the ways to the disk that follow no symbolic link and outlive a power cut.
 */
export { type Link, type LinkPlaces, probePrefix, putCopy, showInChat, tryLinks } from './chat-links.js';
export { flush, flushFolder } from './flush.js';
export {
  chatOfFolder,
  damagedFolder,
  type FileOf,
  incomingFolder,
  incomingLinkName,
  incomingName,
  linkTarget,
  messageOfLink,
  ownerInIncoming,
  ownerInRepo,
  ownerInTemp,
  partName,
  repoFolder,
  repoFolders,
} from './layout.js';
export { claimMediaFolder, holdsArchive, markerName } from './marker.js';
export { createPlain, openPlain, plainFolder } from './plain.js';
