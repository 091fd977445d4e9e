/** telegram: what only Telegram knows about an archive: what its chats contain now, and whether files match. */
export { askTelegram } from './ask-telegram.js';
export { proveAll } from './prove.js';
