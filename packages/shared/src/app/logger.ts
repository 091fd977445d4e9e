/** logger.ts: one line per outcome, JSON for machines, pretty on a terminal; secrets are removed from everything that is logged. */
import { multistream, pino, type Logger } from 'pino';
import { asCalled } from './called-as.js';
import { openLogFiles } from './log-files.js';
import { loggableError } from './loggable-error.js';
import { pinoPretty } from './pretty.js';
import { printableJson } from './printable.js';

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
  /** Format of standard output. `auto`: pretty on a terminal, otherwise JSON. */
  format: 'auto' | 'pretty' | 'json';
}

/** A logger, and a function that applies the settings once they are known. `screen` never writes to a log file. */
export function createAppLogger(app: string): {
  log: Logger;
  screen: Logger;
  follow: (settings: LogSettings) => Promise<void>;
} {
  const isTerminal = process.stdout.isTTY;
  let output = outputOf(isTerminal);
  const screen = { write: (line: string) => void output.write(line) };
  const streams = multistream([{ level: 'trace', stream: screen }]);
  const log = pino(optionsOf(app, 'info'), streams);
  return {
    log,
    screen: pino(optionsOf(app, 'info'), screen),
    async follow({ level, dir, format }) {
      log.level = level;
      const isPretty = format === 'auto' ? isTerminal : format === 'pretty';
      // Our parent process parses our output as JSON.
      if (isPretty !== isTerminal && process.send === undefined) output = outputOf(isPretty);
      if (dir === null) return;
      const onTrouble = (reason: string) =>
        log.warn({ dir, reason }, 'cannot write to log.dir; log lines there are being lost');
      const file = await openLogFiles(app, dir, onTrouble);
      if (file) streams.add({ level: 'trace', stream: file });
    },
  };
}

function outputOf(isPretty: boolean) {
  const output = isPretty ? pinoPretty() : standardOutput();
  output.on('error', () => {});
  return output;
}

/** A logger that writes JSON to standard output only; `level` is a level of pino, or `silent`. */
export function createLogger(app: string, level = 'info'): Logger {
  return pino(optionsOf(app, level), standardOutput());
}

/** Standard output may be closed, or a full disk: then lines are lost, and work continues. */
function standardOutput() {
  const stream = pino.destination({ fd: 1, sync: true, maxLength: 1024 * 1024 });
  stream.on('error', () => {});
  return stream;
}

/** Media ids have more digits than JSON parsers keep in a number. */
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
    hooks: { streamWrite: (line: string) => asCalled(printableJson(line)) },
  };
}
