/** survey: what the wanted chats hold now, asked by whoever has the account: the fetch worker, or a command while no fleet runs. */
export { surveyor } from './survey.js';
