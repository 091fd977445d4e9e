/** integrity: is an archive whole, and how is it mended? Findings and outcomes are data: whoever asks says them in words. */
export { acceptDeleted, restoreDeleted } from './repair/deleted.js';
export { mend } from './repair/mend.js';
export type { Outcome } from './repair/outcome.js';
export type { Looked } from './verify/check-files.js';
export { checkMessages } from './verify/check-messages.js';
export { type FindingKind, findingKinds, type Level } from './verify/finding-kinds.js';
export { asRecord, type Finding } from './verify/finding.js';
export { placeOf } from './verify/place.js';
export { beginChecks, type Checks, verifyFiles } from './verify/verify.js';
