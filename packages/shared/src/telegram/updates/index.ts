/** telegram/updates: what Telegram tells by itself, in order. */
export { Applier, type ApplierDeps } from './applier.js';
