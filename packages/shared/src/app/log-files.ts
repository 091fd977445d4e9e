/**
 * log-files.ts: the log in files of log.dir. A folder that cannot be used, a full disk, a file that is gone cost lines there and nothing
 * else: that is said once for each time it begins.
 */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { keepLogsPrivate } from './private-logs.js';

/** Lines that wait for a slow disk; more are dropped. */
const mostWaiting = 4 * 1024 * 1024;

/**
 * A file a day, or whenever one reaches 20 MB; ten of them are kept. Workers of several machines or containers may share the folder. Only
 * the owner and his group read them. Undefined: there can be none.
 */
export async function openLogFiles(app: string, dir: string, onTrouble: (reason: string) => void) {
  const { default: pinoRoll } = await import('pino-roll'); // a tenth of an app's start, for those who want files
  try {
    mkdirSync(dir, { recursive: true, mode: 0o750 });
    keepLogsPrivate(dir);
    const stream = await pinoRoll({
      file: join(dir, `${app}-${hostname()}`),
      extension: '.log',
      frequency: 'daily',
      size: '20m',
      limit: { count: 10 },
      mode: 0o640,
      maxLength: mostWaiting,
    });
    let isOpen = false;
    let isTroubled = false;
    stream.on('error', (error) => {
      if (isTroubled || !isOpen) return;
      isTroubled = true;
      onTrouble(error.message);
    });
    stream.on('write', () => (isTroubled = false));
    await once(stream, 'ready'); // rejects with what keeps it from being opened
    isOpen = true;
    return stream;
  } catch (error) {
    onTrouble((error as Error).message);
    return undefined;
  }
}
