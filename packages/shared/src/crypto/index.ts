/** The public interface of crypto. */
export { type Choice, chooseIge } from './choose.js';
export { ciphers } from './ciphers.js';
export type { Ige } from './ige.js';
export { headBytes, openMessage, sealMessage } from './message.js';
export { FileHash, largeBytes, openAside } from './threads.js';
