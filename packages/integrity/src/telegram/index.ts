/** telegram: what only Telegram knows of an archive: what its chats hold now, and whether files are the ones that it has. */
export { askTelegram } from './ask-telegram.js';
export { proveAll } from './prove.js';
