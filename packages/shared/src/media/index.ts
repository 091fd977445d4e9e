/** media: what is true of media, by the database and the disk together: the claim, room, leftovers, files that are gone. */
export { heldBy, withClaim } from './claim.js';
export { giveBackParts } from './give-back.js';
export { type GoneFiles, goneFiles, isQuestion } from './gone-files.js';
export { removeLeftovers } from './leftovers.js';
export { openRoom } from './room.js';
