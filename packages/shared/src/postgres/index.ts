/** postgres: connections to Postgres, for everything that stores something there. */
export { openPool, withClient } from './client.js';
