/**
 * store: everything an archive has on disk: where its files are and how they appear in its chats, for those who place, check and repair
 * them; unfinished downloads and the space for them; the marker that says whose they are; and file access that follows no symbolic link
 * and survives a power cut.
 */
export { discardParts } from './adopt-parts.js';
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
export type { ReservationLedger } from './disk-budget.js';
export { diskTrouble } from './disk-errors.js';
export { fingerprintOf, rangesOf, type StoredFile } from './fingerprint.js';
export { flush, flushFolder } from './flush.js';
export { assertHeld, ClaimLostError, type Held } from './held.js';
export {
  chatOfFolder,
  damagedFolder,
  damagedName,
  folderOf,
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
export { type Folders, mediaOnTheWay, removeOldProbes, removeOnTheWay } from './leftovers.js';
export { claimMediaFolder, holdsArchive, markerName, ownerOf, takeOverMediaFolder } from './marker.js';
export { measureUnfinished, unfinishedMediaIn, type UnfinishedSize } from './measure-unfinished.js';
export { MediaStore } from './media-store.js';
export { folded, linkName, type NamedMedia, repoName } from './names.js';
export { isInRepo, type Removal, removeFromRepo, removeLink } from './remove-link.js';
export { PartFile, ReplacedError } from './part-file.js';
export { SmallFile } from './small-file.js';
export { fileSize, type Part, partSize } from './parts.js';
export {
  createPlain,
  hasPlainFolder,
  hasPlainFolders,
  isStillAt,
  inspectPath,
  nameOf,
  requirePlain,
  NotPlainError,
  openPlain,
  plainFolder,
  readPlain,
  removePlain,
} from './plain.js';
export { type Reservation, DiskSpace, type DiskSpaceOptions, type Waiting } from './disk-space.js';
export { templateFolder, templateName, titleName } from './template-names.js';
export { useUmask } from './umask.js';
export {
  isOfUnfinished,
  removeUnfinished,
  unfinishedPaths,
  type UnfinishedPaths,
  unwrittenRecord,
} from './unfinished.js';
