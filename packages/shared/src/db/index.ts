/** db: the source of truth. One file per concept; SQL is written here and nowhere else. */
export { chatsToAskAgain, isAskedAgainSoon, messagesToAskAgain, recordLayer, storeAskedAgain } from './asked-again.js';
export {
  type Applied,
  applyRules,
  chatsToDecide,
  type RulesRound,
  undecidedMedia,
  type UndecidedMedia,
} from './apply-rules.js';
export { archiveId, claimForAccount, hasSavedFiles, loginProblem } from './archive.js';
export {
  type ChatFacts,
  type ChatRow,
  answers,
  chatTitles,
  databaseTime,
  findChat,
  recordAccountState,
  recordMigration,
  recordSurvey,
  settleChanged,
  recordUnreadable,
  rememberChats,
  type SurveyFinding,
  unsurveyedSince,
  unsettledChatRows,
  wantedChatRows,
  wantedIds,
  wantedOf,
} from './chats.js';
export { countKept, recordDeleted, recordReturned } from './deletions.js';
export {
  aloneOnDisk,
  releaseDiskSpace,
  reserveDiskSpace,
  spaceReservedByOthers,
  reservationRenewalMs,
} from './disk-reservations.js';
export { coverageOf, notVisibleOf, recordNotVisible, settledOf } from './coverage.js';
export {
  claimMedia,
  claimWanted,
  claimRenewalMs,
  findMedia,
  firstDate,
  type MadeLink,
  markLinks,
  type Media,
  type OwedLink,
  type PendingLink,
  pendingLinks,
  recordDataCentre,
  recordFailure,
  recordLinks,
  recordRefusedLinks,
  releaseClaim,
  type RefusedLink,
  renewClaim,
  resetFailed,
  type WantedMedia,
} from './media.js';
export { holdForPlacing, type PlaceableLink, recordHash, recordSaved } from './placing.js';
export {
  chatFoldersAmong,
  forgetLinkName,
  linkKeysAmong,
  type LinkNaming,
  linkNamesOf,
  type LinkPlace,
  nameUsualLinks,
  reserveLinkName,
} from './link-names.js';
export { endingLogins, forgetLease, readLease } from './lease.js';
export {
  readSample,
  recordSample,
  type Sample,
  type SampledMessage,
  type SampledWindow,
  type SampleRequest,
} from './plan-samples.js';
export type { MediaRef, MediaRow, MessageRow, Page, Waiting } from './messages.js';
export { storePage } from './store-page.js';
export type { OnUnstorable, Unstorable } from './unstorable.js';
export { applyPolls, applyTold, StaleStateError, type Told, type ToldOfChat } from './live.js';
export {
  beginLive,
  type ChannelState,
  type CommonState,
  lastUpdate,
  type Liveness,
  livenessOf,
  type LiveState,
  noteHeard,
  noteLive,
  readLiveState,
  recordSkipped,
  recordTooLong,
  resetChannel,
} from './live-state.js';
export { holdRole, releaseRole, type Role, RoleLostError, type RoleOf } from './role-lease.js';
export {
  type DeletedReason,
  type Deletion,
  markDeleted,
  markDeletedOfAccount,
  markMissing,
} from './deleted-messages.js';
export {
  askRecheck,
  isRecheckDue,
  messagesToRecheck,
  mostWitnesses,
  knownHidden,
  nextRecheck,
  recordHidden,
  postponeRecheck,
  type Recheck,
  recheckWaitMs,
  takeRecheckTurn,
  witnessesOf,
} from './rechecks.js';
export { finishRecheck, type RecheckAnswer, type Rechecked, storeRechecked, storeReread } from './rechecked.js';
export { type DuePins, nextPins, settlePins, storedPins } from './pins.js';
export { askResync, type RecheckProgress } from './recheck-status.js';
export {
  allowDeletions,
  type DeletionQuestion,
  lookForMissingAgain,
  mayGo,
  mostCounted,
  type Mirrored,
  mirrorDeletions,
} from './mirror.js';
export {
  forgetMedia,
  giveUpFile,
  linksToRemove,
  type LinkToRemove,
  mediaToUnlink,
  postponeRemoval,
  recordRemoved,
} from './unlinking.js';
export { beginRounds, planRound } from './recheck-rounds.js';
export { type Renamed, storePeers } from './peers.js';
export type { TopicChange, TopicRow } from './topics.js';
export type { ReactionsOf, ToldOfPoll } from './reactions.js';
export type { ToldOfWebPage } from './web-pages.js';
export {
  type MediaCursor,
  type OwedMedia,
  owedMedia,
  type OwedNothingMore,
  type Remaining,
  remainingMedia,
  stillWanted,
  wakeDue,
} from './owed.js';
export { askAgainFor, makeOwedAgain, makePending, recomputeLinked, restoreChat, retryRefusedLinks } from './mending.js';
export { migrate } from './migrate.js';
export type { Db, Tx } from './handle.js';
export { closeDb, openDb } from './open.js';
export { countUnproven, forgetProofs, recordProof, unprovenMedia } from './proofs.js';
export {
  type Asked,
  chatsToRefresh,
  failUnreachable,
  loseOrigin,
  messagesToAsk,
  type Origin,
  originOf,
  recordUntold,
  refuseReference,
  renewReferences,
} from './references.js';
export { followSchema, schemaState } from './schema-version.js';
export { followSettings, readSettings, recordSettings, type SettingsChange } from './settings.js';
export {
  chatsMeant,
  knownUsernames,
  type NamedChat,
  noteSelector,
  recordResolved,
  recordUnresolved,
  type Resolved,
  type SelectorRow,
  selectorRows,
  type SelectorStatus,
  selectorStatuses,
} from './selectors.js';
export { countChats } from './chat-counts.js';
export { type ChatStatus, chatStatuses, type UnreadCount, type FailedMedia, failedMedia } from './status.js';
export { recordDownloadLimits, workerCiphers } from './file-slots.js';
export { currentTroubles, endTrouble, noteTrouble, troubleRenewalMs } from './troubles.js';
export {
  beginDeep,
  type CheckedLink,
  type CheckedMedia,
  contradictingMessages,
  finishDeep,
  linksToCheck,
  lostChats,
  mediaNamed,
  mediaOfMessage,
  mediaToCheck,
  type MessageKey,
  messagesWithLostMedia,
  recordDamaged,
  recordVerified,
  type SavedTotals,
  savedTotals,
  unmappedMessages,
} from './verification.js';
export {
  type ChatKind,
  chatKinds,
  chatStates,
  linkStates,
  type MediaKind,
  mediaKinds,
  mediaPlaces,
  mediaStates,
  type RecheckReason,
  recheckReasons,
  type SelectorKind,
  selectorKinds,
} from './words.js';
export { DatabaseClock } from './clock.js';
