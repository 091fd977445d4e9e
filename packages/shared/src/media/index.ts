/** media: what is true of media, by the database and the disk together. */
export { type GoneFiles, goneFiles, isQuestion } from './gone-files.js';
