/** media: what database and disk together say about media: the claim, disk space, leftovers, missing files. */
export { heldBy, whileClaimed, withClaim } from './claim.js';
export { giveBackParts } from './give-back.js';
export { type GoneFiles, goneFiles, mustAsk } from './gone-files.js';
export { removeLeftovers } from './leftovers.js';
export { openDiskSpace } from './disk-space.js';
