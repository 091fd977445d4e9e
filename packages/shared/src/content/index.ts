/** content: whether a message was edited. */
export { comparable, isEdited, type Raw, saysLess } from './content.js';
