/** logger.ts: one line per outcome, JSON for machines, pretty on a terminal; secrets are cut out whatever is logged. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { multistream, pino, type Logger } from 'pino';
import { loggableError } from './loggable-error.js';
import { pinoPretty } from './pretty.js';

export type { Logger } from 'pino';

const secretNames = [
  'api_hash',
  'apiHash',
  'authKey',
  'key',
  'password',
  'session',
  'phone_code',
  'url',
  'connectionString',
];

export interface LogSettings {
  level: string;
  /** A folder for log files; null: none. */
  dir: string | null;
}

/** A logger, and what makes it follow the settings once they are known. */
export function createAppLogger(app: string): { log: Logger; follow: (settings: LogSettings) => Promise<void> } {
  const screen = process.stdout.isTTY ? pinoPretty() : pino.destination({ fd: 1, sync: true });
  const streams = multistream([{ level: 'trace', stream: screen }]);
  const log = pino(optionsOf(app, 'info'), streams);
  return {
    log,
    async follow({ level, dir }) {
      log.level = level;
      if (dir !== null) streams.add({ level: 'trace', stream: await rotated(app, dir) });
    },
  };
}

export function createLogger(app: string, level = 'info'): Logger {
  return pino(optionsOf(app, level), pino.destination({ fd: 1, sync: true }));
}

/** A file a day, or whenever one reaches 20 MB; ten of them are kept. Workers of several machines or containers may share the folder. */
async function rotated(app: string, dir: string) {
  const { default: pinoRoll } = await import('pino-roll'); // a tenth of an app's start, for those who want files
  return await pinoRoll({
    file: join(dir, `${app}-${hostname()}`),
    extension: '.log',
    frequency: 'daily',
    size: '20m',
    limit: { count: 10 },
    mkdir: true,
  });
}

/** Ids of media have more digits than what reads JSON keeps of a number. */
function exact(id: unknown): unknown {
  return typeof id === 'bigint' ? id.toString() : id;
}

function optionsOf(app: string, level: string) {
  return {
    level,
    base: { app },
    redact: { paths: secretNames.flatMap((it) => [it, `*.${it}`]), censor: '[secret]' },
    serializers: { err: loggableError, id: exact },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
}
