/**
 * index.ts: what can happen in a world while clients watch.
 */
export { closePoll, vote } from './polls.js';
export { expireMedia, openPaidMedia } from './closed-media.js';
export { ban, hideHistory, join, leave, unban } from './membership.js';
export { createTopic, deleteTopic, editTopic, pinTopic } from './topics.js';
export { expireMessages, setTtl } from './expiry.js';
export { hiddenEdit } from './edits.js';
export { pin } from './pins.js';
export { renameChat, renameUser } from './names.js';
export { react } from './reactions.js';
export { setForwards, setViews } from './counters.js';
export { resetPts, typing } from './server.js';
export { RANDOM_KINDS, randomEvent, type RandomKind } from './random-event.js';
