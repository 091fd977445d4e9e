/**
 * postgres-url.ts: parses a database URL once for everything that connects: queries, migrations and queues. Parameters (sslmode,
 * sslrootcert, host, port, options), sockets and IPv6 literals work for each of them alike.
 */
import { parseIntoClientConfig } from 'pg-connection-string';
import { PersonError } from '../errors/index.js';

export type PostgresOptions = ReturnType<typeof parseIntoClientConfig>;

/** SQLAlchemy's form includes the driver. */
export function normalDatabaseUrl(url: string): string {
  return url.replace(/^postgres(ql)?(\+\w+)?:/, 'postgresql:');
}

/** Throws a PersonError if the URL names a file that cannot be read. */
export function postgresOptions(url: string): PostgresOptions {
  try {
    return parseIntoClientConfig(strict(normalDatabaseUrl(url)));
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (path === undefined) throw new PersonError('The database URL is not valid; see db.url.', { cause: error });
    throw new PersonError(`db.url: ${path} cannot be read (${code}). It must be a certificate or key in PEM format.`);
  }
}

/** Whether it can be parsed: special characters in its password must be percent-encoded. */
export function isPostgresUrl(text: string): boolean {
  if (!/^postgresql:\/\/[^/?#]*\/[^/?#@]+(\?[^#]*)?$/.test(text)) return false;
  try {
    decodeURIComponent(text); // the library would try to decode a stray %
    const { host } = parseIntoClientConfig(withoutFiles(strict(text)));
    return Boolean(host);
  } catch {
    return false;
  }
}

/**
 * The library treats these three like verify-full; replacing them avoids its warning. URLs that ask for libpq's weaker meanings keep
 * them.
 */
function strict(url: string): string {
  if (/[?&]uselibpqcompat=true(&|$)/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full');
}

/** Whether a file exists is checked separately from whether the URL is valid. */
function withoutFiles(url: string): string {
  return url.replace(/([?&])ssl(rootcert|cert|key)=[^&]*/g, '$1');
}
