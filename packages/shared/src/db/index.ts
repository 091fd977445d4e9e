/** db: the truth. One file a concept; SQL stands here and nowhere else. */
export { archiveId, hasSavedFiles, loginProblem } from './archive.js';
export {
  type ChatFacts,
  type ChatRow,
  databaseTime,
  findChat,
  recordAccountState,
  recordMigration,
  recordSurvey,
  recordUnreadable,
  rememberChats,
  type SurveyFinding,
  unsurveyedSince,
  wantedChatRows,
} from './chats.js';
export { coverageOf } from './coverage.js';
export {
  claimMedia,
  claimRenewalMs,
  findMedia,
  type Media,
  type OwedMedia,
  owedMedia,
  type PendingLink,
  pendingLinks,
  recordDataCentre,
  recordFailure,
  recordLinks,
  recordSaved,
  releaseClaim,
  renewClaim,
  reserveLinkName,
  resetFailed,
  type SavedFile,
  stillWanted,
} from './media.js';
export { endLease, forgetLease, readLease } from './lease.js';
export {
  type MediaKind,
  type MediaRef,
  type MediaRow,
  type MessageRow,
  type Page,
  storePage,
  storePeers,
} from './messages.js';
export { makeOwedAgain, makePending, recomputeLinked } from './mending.js';
export { migrate } from './migrate.js';
export { closeDb, type Db, openDb } from './open.js';
export { loseOrigin, messagesToAsk, type Origin, originOf, refuseReference, renewReference } from './references.js';
export { followSettings, readSettings, recordSettings } from './settings.js';
export {
  type ChatStatus,
  chatStatuses,
  type FailedMedia,
  failedMedia,
  type Remaining,
  remainingMedia,
} from './status.js';
export { currentTroubles, endTrouble, noteTrouble, troubleRenewalMs } from './troubles.js';
export {
  beginDeep,
  type CheckedLink,
  type CheckedMedia,
  contradictingMessages,
  finishDeep,
  linkNamesOf,
  linksToCheck,
  mediaNamed,
  mediaOfMessage,
  mediaToCheck,
  type MessageKey,
  recordDamaged,
  recordVerified,
  type SavedTotals,
  savedTotals,
  unmappedMessages,
} from './verification.js';
