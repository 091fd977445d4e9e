/**
 * schema.ts: every setting of config.json, defined once. All but the credentials have a default, so that the example is a complete file.
 */
import { z } from 'zod';
import { bytesSchema } from './bytes.js';
import { dashboardSchema } from './dashboard.js';
import { chatDefaultsSchema, chatsSchema } from './chats.js';
import { isAddress } from './environment.js';
import { parseFolderTemplate, parseNameTemplate, TemplateError } from './name-template.js';
import { recheckSchema } from './recheck.js';
import { isPostgresUrl, normalDatabaseUrl } from './postgres-url.js';

const quoting = 'with special characters in the password percent-encoded (%40 for @)';

const whole = (min: number, max: number, fallback: number) => z.int().min(min).max(max).default(fallback);
const seconds = (fallback: number) => whole(1, 86_400, fallback);
const path = z.string().min(1);
const noPath = path.nullable().default(null);

/** Says what is expected, also if the setting is missing. */
const right = (what: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? `missing; ${what}` : what),
});
const apiId = right('the number from https://my.telegram.org/apps');
const apiHash = right('32 hexadecimal digits from https://my.telegram.org/apps');

/** Of the forms in original-names.ts only a URL gets here. */
const proxyForms = {
  error:
    'socks5h://user:password@host:port, or { "type": "socks5", "addr", "port", "username", "password" } as in Telethon',
};

const logLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']);

const linkMode = z.enum(['hard', 'copy', 'symlink', 'none']);

/** How a file of the repo appears in a chat's folder. */
export type LinkMode = z.output<typeof linkMode>;

/** Reports what is wrong with a template. It stays text, as that is what is recorded for the workers. */
const checked =
  (parse: (text: string) => unknown, ...path: string[]) =>
  (text: string | null, context: z.core.$RefinementCtx) => {
    try {
      if (text !== null) parse(text);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      context.addIssue({ code: 'custom', message: error.message, path });
    }
  };

/** One template for all files, or one each for photos and documents. */
const nameTemplates = z
  .union(
    [
      z.string(),
      z.null(),
      z.strictObject({
        photo: z.string().nullish().describe('For photos.'),
        document: z.string().nullish().describe('For documents.'),
      }),
    ],
    {
      error:
        'a template such as "{date} {id:10} {name}", or { "photo": …, "document": … }, or null for the usual names',
    },
  )
  .default(null)
  .superRefine((it, context) => {
    if (it === null || typeof it === 'string') return checked(parseNameTemplate)(it, context);
    for (const kind of ['photo', 'document'] as const) checked(parseNameTemplate, kind)(it[kind] ?? null, context);
  })
  .transform((it) =>
    it === null || typeof it === 'string'
      ? { photo: it, document: it }
      : { photo: it.photo ?? null, document: it.document ?? null },
  );

/** The owner keeps all rights: without them we could not continue our own files. */
const umask = z.string('octal digits in quotation marks, such as "027", or null').regex(/^0{1,2}[0-7]{2}$/, {
  error: 'octal digits that leave the owner all rights, such as "027" (files 0640, folders 0750)',
});

const server = z.strictObject({
  dc: z.int().min(1).max(10_000).describe('The number of its data centre.'),
  host: z.string().min(1).describe('Its address.'),
  port: z.int().min(1).max(65_535).describe('Its port.'),
  public_key: z
    .string()
    .regex(/^-----BEGIN (RSA )?PUBLIC KEY-----/, { error: 'the RSA key in PEM format' })
    .describe('Its RSA key in PEM format.'),
});

/**
 * Which bytes of ordinary files are checked against Telegram's SHA-256. `sample`: the first and the last range that has a hash (usually
 * 128 KiB), one per 16 MiB in between, and everything in one of eight files of up to 512 KiB. `always` costs a call per 1.25 MiB. Files
 * from CDN data centres are always checked completely.
 */
const checkHashes = z.enum(['always', 'sample', 'never']);
export type CheckHashes = z.output<typeof checkHashes>;

/** Each setting has a description: it is in config.schema.json, which editors show. After a change run `npm run generate`. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('The JSON Schema by which editors help; tgsync never reads it.'),
  log: z
    .strictObject({
      level: logLevel.default('info').describe('The least important messages that are logged.'),
      dir: noPath.describe('A folder for log files, such as "/appdata/logs"; null: none.'),
      format: z
        .enum(['auto', 'pretty', 'json'])
        .default('auto')
        .describe('Of standard output. auto: pretty on a terminal, otherwise JSON. Files are always JSON.'),
    })
    .prefault({})
    .describe('What is logged, and where.'),
  db: z
    .strictObject({
      url: z
        .string()
        .transform(normalDatabaseUrl)
        .refine(isPostgresUrl, {
          error: `postgresql://user:password@host:5432/database, ${quoting}`,
        })
        .optional()
        .describe(
          'postgresql://user:password@host:5432/database. Leave it out for the Postgres of docker compose, or the embedded one of ' +
            '`npm start`.',
        ),
    })
    .prefault({})
    .describe('Where messages are kept.'),
  tg: z
    .strictObject({
      api_id: z.int(apiId).min(1, apiId).describe('The number from https://my.telegram.org/apps.'),
      api_hash: z
        .string(apiHash)
        .regex(/^[0-9a-fA-F]{32}$/, apiHash)
        .describe('32 hexadecimal digits from https://my.telegram.org/apps. Keep it secret.'),
      session: path.default('/appdata/tgsync.session').describe('The file of the login. Keep it secret.'),
      session_key: z
        .string()
        .min(8, { error: 'at least 8 characters' })
        .nullable()
        .default(null)
        .describe('A passphrase that encrypts the session file.'),
      session_key_file: noPath.describe('A file that contains the passphrase, such as a docker compose secret.'),
      message_limit: whole(1, 100_000, 1000).describe('Messages of one history job.'),
      concurrent_downloads: whole(1, 64, 4).describe('Downloads at once, in each media worker.'),
      progress_summary_interval: seconds(30).describe('Seconds between progress summaries in the log.'),
      live: z
        .boolean()
        .default(true)
        .describe('Whether new, edited and deleted messages are known at once, as Telegram tells them.'),
      recheck: recheckSchema
        .prefault([
          { last: '2 days', every: '1 day' },
          { last: '30 days', every: '1 week' },
        ])
        .describe(
          'Which stored messages are read again, and how often, to find edits and deletions that Telegram did not tell of; false: none.',
        ),
      sync_interval: seconds(300).describe('Seconds between checks for new messages.'),
      lease_ttl: whole(2, 300, 15).describe(
        'Seconds until a fetch worker that stopped responding loses the account to another one.',
      ),
      layer: z
        .int()
        .nullable()
        .default(null)
        .describe('The Telegram API layer to use; null: the newest that is supported.'),
      server: server.optional().describe('Another Telegram server, such as a test server.'),
      proxy: z
        .string(proxyForms)
        .regex(/^socks5h?:\/\/([^@/\s]+@)?[^@/:\s]+:\d{1,5}\/?$/, {
          error: 'socks5://host:port or socks5h://user:password@host:port',
          abort: true,
        })
        .refine(isAddress, { error: `socks5h://user:password@host:port, ${quoting}` })
        .nullable()
        .default(null)
        .describe('socks5h://user:password@host:port, for all connections to Telegram.'),
      chats: chatsSchema
        .default({})
        .describe(
          'The chats to archive: by id (see chats.json after `tgsync login`), "@username", link, "folder:Name" or "*".',
        ),
      defaults: chatDefaultsSchema.prefault({}).describe('For chats that say nothing else.'),
    })
    .refine((it) => it.session_key === null || it.session_key_file === null, {
      error: 'there is also tg.session_key; keep only one of them',
      path: ['session_key_file'],
    })
    .describe('The account, and what is archived.'),
  dashboard: dashboardSchema.prefault({}).describe('The page that shows the queues.'),
  download: z
    .strictObject({
      media: path
        .optional()
        .describe("The folder of finished files, if TGSYNC_MEDIA does not name it; the original tool's setting."),
      incomplete: path
        .optional()
        .describe("The folder of unfinished downloads, if TGSYNC_TEMP does not name it; the original tool's setting."),
      max_connections: whole(1, 64, 8).describe('File connections per data centre, shared by all media workers.'),
      request_timeout: whole(1, 600, 20).describe('Seconds to wait for an answer before dropping a file connection.'),
      min_free_space: bytesSchema
        .default(1024 ** 3)
        .describe(
          'What downloads leave free on the disks of /temp and /media, such as "1 GiB"; they wait while there is less.',
        ),
      check_hashes: checkHashes
        .default('sample')
        .describe("Which bytes are checked against Telegram's SHA-256 while downloading."),
      prove_when_idle: z
        .boolean()
        .default(true)
        .describe("When idle, check each saved file once against Telegram's hashes."),
    })
    .prefault({})
    .describe('How files are downloaded.'),
  media: z
    .strictObject({
      link: linkMode
        .default('hard')
        .describe(
          "What a chat's folder contains: hard links or, for file systems without them, copies, symbolic links or nothing.",
        ),
      max_name_bytes: whole(100, 255, 255).describe(
        'The longest file name in bytes: encrypted folders on some NAS devices allow 143. Existing names stay.',
      ),
      umask: umask
        .nullable()
        .default(null)
        .describe(
          'Who else may read new files in /media and /temp: "027" only the group, "077" nobody; null: inherited from the parent process.',
        ),
      name: nameTemplates.describe(
        'How links are called, such as "{date} {id:10} {name}"; null: `<message id>_<photo id>.jpg`, `<message id> <file name>`. Existing names stay.',
      ),
      folder: z
        .string()
        .nullable()
        .default(null)
        .superRefine(checked(parseFolderTemplate))
        .describe(
          'The folder of a link within /media, such as "{title}/{date}"; null: `<chat id>`. Existing links stay where they are.',
        ),
      pad: z
        .int()
        .min(0)
        .max(19)
        .default(0)
        .describe('Digits to which message ids are padded in the usual names, so that folders sort.'),
    })
    .prefault({})
    .describe('How files are stored.'),
});

/** config.json, validated and complete. */
export type Config = z.output<typeof configSchema>;

/** Another Telegram server than the production one. */
export type ServerSettings = z.output<typeof server>;

/** What the scheduler records for running workers, as it may change without a restart. No secrets. */
export const settingsSchema = z.object({
  logLevel,
  messageLimit: z.int(),
  concurrentDownloads: z.int(),
  progressSummaryInterval: z.int(),
  /** Older settings have none. */
  live: z.boolean().default(true),
  syncInterval: z.int(),
  maxConnections: z.int(),
  minFreeSpace: z.int(),
  mediaLink: linkMode,
  maxNameBytes: z.int(),
  /** Templates, as text; absent in what an older scheduler recorded. */
  photoName: z.string().nullable().default(null),
  documentName: z.string().nullable().default(null),
  mediaFolder: z.string().nullable().default(null),
  padIds: z.int().default(0),
  /** Absent in what an older scheduler recorded. */
  mediaUmask: z.int().nullable().default(null),
  /** Absent in what an older scheduler recorded. */
  checkHashes: checkHashes.default('sample'),
  proveWhenIdle: z.boolean().default(true),
  /** Seconds; absent in what an older scheduler recorded. */
  leaseTtl: z.int().default(15),
  requestTimeout: z.int().default(20),
});
export type Settings = z.output<typeof settingsSchema>;

/** The part of the config that is recorded. */
export function settingsOf({ log, tg, download, media }: Config): Settings {
  return {
    logLevel: log.level,
    messageLimit: tg.message_limit,
    concurrentDownloads: tg.concurrent_downloads,
    progressSummaryInterval: tg.progress_summary_interval,
    live: tg.live,
    syncInterval: tg.sync_interval,
    maxConnections: download.max_connections,
    minFreeSpace: download.min_free_space,
    mediaLink: media.link,
    maxNameBytes: media.max_name_bytes,
    photoName: media.name.photo,
    documentName: media.name.document,
    mediaFolder: media.folder,
    padIds: media.pad,
    mediaUmask: media.umask === null ? null : Number.parseInt(media.umask, 8),
    checkHashes: download.check_hashes,
    proveWhenIdle: download.prove_when_idle,
    leaseTtl: tg.lease_ttl,
    requestTimeout: download.request_timeout,
  };
}
