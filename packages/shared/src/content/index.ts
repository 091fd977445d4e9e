/** content: whether a message was edited. */
export { comparable, isEdited, isSame, type Raw, saysLess } from './content.js';
