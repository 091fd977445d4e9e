/** connect-errors.ts: classifies connection errors: for the person to fix, a passing outage, or a bug of ours. Pure. */
import { PersonError } from '../errors/index.js';

/** Maximum connections per process: ten for queries, eight for queues in Postgres. */
const connectionsOfOne = 18;

/** The server accepts no more connections; that may pass, but a person should know. */
const tooMany =
  `the database has no free connections: each tgsync process uses up to ${connectionsOfOne}, so max_connections in Postgres ` +
  `must be at least ${connectionsOfOne * 3 + 10} for a scheduler, a fetch worker and a media worker`;

const untrusted =
  'Name a file with its CA in db.url (…?sslmode=verify-full&sslrootcert=/path/to/ca.pem). sslmode=no-verify encrypts without ' +
  'checking the certificate.';

/** Errors that only the person can fix, in words. */
export function personErrorOf(error: unknown): PersonError | undefined {
  const { code = '', message } = error as { code?: string; message: string };
  if (code === '28P01' || code === '28000')
    return new PersonError('The database refused the user name or password; see db.url.');
  if (code === '3D000') return new PersonError('The database named in db.url does not exist on that server.');
  if (code === '42501')
    return new PersonError(`The database denied access: ${message}. Make tgsync's role the owner of the tables.`);
  if (/CERT|SIGNATURE|ERR_TLS/.test(code))
    return new PersonError(`The certificate of the database server is not trusted (${code}). ${untrusted}`);
  if (message === 'The server does not support SSL connections')
    return new PersonError(
      'The database server does not support TLS: remove sslmode from db.url, or enable TLS on the server.',
    );
  return undefined;
}

/** Why the database is unavailable now, if it is an outage; undefined: another kind of error. */
export function outageOf(error: unknown): string | undefined {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (code === '53300' || /too many (clients|connections)/.test(message)) return tooMany;
  if (/^(08|57P)/.test(code)) return `${code}: ${message}`;
  if (/^(E[A-Z]+|EAI_AGAIN)$/.test(code)) return code;
  if (/terminat|timeout|closed|ECONN|not queryable|can't reach database/i.test(message)) return message;
  return undefined;
}
