/** survey: asks what the wanted chats contain now. Run by whoever holds the account: the fetch worker, or a command while no fleet runs. */
export { surveyor } from './survey.js';
export { resolver } from './resolve.js';
export { sampler } from './sample.js';
