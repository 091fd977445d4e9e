/** content: whether a message was edited, and what is known of it after a newer state of it came. */
export { comparable, isEdited, isExpired, isSame, type Raw, saysLess } from './content.js';
export { pollResultsAfter, reactionsAfter, renewed } from './renewed.js';
