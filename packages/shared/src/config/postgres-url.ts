/**
 * postgres-url.ts: what a database URL says, taken apart once for everybody who connects: queries, migrations and queues. Parameters
 * (sslmode, sslrootcert, host, port, options), sockets and IPv6 literals hold for each of them alike.
 */
import { parseIntoClientConfig } from 'pg-connection-string';
import { PersonError } from '../errors/index.js';

export type PostgresOptions = ReturnType<typeof parseIntoClientConfig>;

/** SQLAlchemy's form names the driver, too. */
export function normalDatabaseUrl(url: string): string {
  return url.replace(/^postgres(ql)?(\+\w+)?:/, 'postgresql:');
}

/** Throws PersonError for a URL that names a file which cannot be read. */
export function postgresOptions(url: string): PostgresOptions {
  try {
    return parseIntoClientConfig(strict(normalDatabaseUrl(url)));
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (path === undefined) throw new PersonError('The database URL is not valid; see db.url.', { cause: error });
    throw new PersonError(`db.url: ${path} cannot be read (${code}). It must be a certificate or key in PEM format.`);
  }
}

/** Whether a program can take it apart: what means something in an address has to be quoted in its password. */
export function isPostgresUrl(text: string): boolean {
  if (!/^postgresql:\/\/[^/?#]*\/[^/?#@]+(\?[^#]*)?$/.test(text)) return false;
  try {
    decodeURIComponent(text); // the library would take a stray % for itself
    const { host } = parseIntoClientConfig(withoutFiles(strict(text)));
    return Boolean(host);
  } catch {
    return false;
  }
}

/**
 * These three verify the certificate with the library in use, as verify-full does; said plainly, it does not warn about it. Who asks for
 * libpq's weaker meanings gets them.
 */
function strict(url: string): string {
  if (/[?&]uselibpqcompat=true(&|$)/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full');
}

/** Whether a file is there is another matter than whether the URL is one. */
function withoutFiles(url: string): string {
  return url.replace(/([?&])ssl(rootcert|cert|key)=[^&]*/g, '$1');
}
