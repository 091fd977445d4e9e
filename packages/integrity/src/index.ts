/** integrity: checks and repairs an archive. Findings and outcomes are data; callers turn them into text. */
export { acceptDeleted, restoreDeleted } from './repair/deleted.js';
export { repair } from './repair/repair.js';
export type { Outcome } from './repair/outcome.js';
export type { CheckCounts } from './verify/check-files.js';
export { checkMessages } from './verify/check-messages.js';
export { type FindingKind, findingKinds, type Level } from './verify/finding-kinds.js';
export { asRecord, type Finding } from './verify/finding.js';
export { archiveOf } from './verify/archive.js';
export { beginChecks, type Checks, verifyFiles } from './verify/verify.js';
