/** content: whether a message was edited. */
export { comparable, isEdited, type Raw } from './content.js';
