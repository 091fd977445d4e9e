/** store: where the files of an archive are, for those who place, check and mend them, and the marker that says whose they are. */
export {
  chatOfFolder,
  damagedFolder,
  type FileOf,
  incomingFolder,
  incomingLinkName,
  incomingName,
  messageOfLink,
  ownerInIncoming,
  ownerInRepo,
  ownerInTemp,
  partName,
  repoFolder,
  repoFolders,
} from './layout.js';
export { claimMediaFolder, holdsArchive, markerName } from './marker.js';
