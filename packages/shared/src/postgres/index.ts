/** postgres: connections to a Postgres, of whoever keeps something there. */
export { openPool, withClient } from './client.js';
