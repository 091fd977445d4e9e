/** connect-errors.ts: what a connection's failure means: a matter for the person, an outage that passes, or a fault of ours. Pure. */
import { PersonError } from '../errors/index.js';

/** What one process takes at the most: ten for queries, eight for queues in Postgres. */
const connectionsOfOne = 18;

/** A server that lets nobody in any more; it may pass, but a person should know. */
const tooMany =
  `all connections of the database are taken: each tgsync process uses up to ${connectionsOfOne}, so max_connections of Postgres ` +
  `has to be at least ${connectionsOfOne * 3 + 10} for a scheduler, a fetch worker and a media worker`;

const untrusted =
  'Its CA belongs into a file that db.url names (…?sslmode=verify-full&sslrootcert=/path/to/ca.pem); sslmode=no-verify encrypts without ' +
  'knowing whom it talks to.';

/** What only the person can mend, in words. */
export function personErrorOf(error: unknown): PersonError | undefined {
  const { code = '', message } = error as { code?: string; message: string };
  if (code === '28P01' || code === '28000')
    return new PersonError('The database refused user or password: see db.url.');
  if (code === '3D000') return new PersonError('The database that db.url names does not exist on that server.');
  if (code === '42501')
    return new PersonError(
      `The database refuses what tgsync needs: ${message}. Make its role the owner of the tables.`,
    );
  if (/CERT|SIGNATURE|ERR_TLS/.test(code))
    return new PersonError(`The certificate of the database server is not trusted (${code}). ${untrusted}`);
  if (message === 'The server does not support SSL connections')
    return new PersonError('The database server offers no TLS: leave sslmode out of db.url, or turn TLS on there.');
  return undefined;
}

/** Why the database cannot be had now, if it is an outage; undefined: another kind of error. */
export function outageOf(error: unknown): string | undefined {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (code === '53300' || /too many (clients|connections)/.test(message)) return tooMany;
  if (/^(08|57P)/.test(code)) return `${code}: ${message}`;
  if (/^(E[A-Z]+|EAI_AGAIN)$/.test(code)) return code;
  if (/terminat|timeout|closed|ECONN|not queryable|can't reach database/i.test(message)) return message;
  return undefined;
}
