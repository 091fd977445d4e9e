/**
 * log-files.ts: writes the log to files in log.dir. An unusable folder, a full disk or a deleted file loses lines there and has no
 * other effect; it is reported once each time.
 */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { keepLogsPrivate } from './private-logs.js';

/** Lines buffered for a slow disk; more are dropped. */
const mostWaiting = 4 * 1024 * 1024;

/**
 * Rotates daily and at 20 MB; ten files are kept. Workers on several machines or in containers may share the folder. Only the owner and
 * the group can read the files. Returns undefined if no file can be opened.
 */
export async function openLogFiles(app: string, dir: string, onTrouble: (reason: string) => void) {
  const { default: pinoRoll } = await import('pino-roll'); // takes a tenth of an app's start, so only loaded when needed
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
    await once(stream, 'ready'); // rejects with the reason why it cannot be opened
    isOpen = true;
    return stream;
  } catch (error) {
    onTrouble((error as Error).message);
    return undefined;
  }
}
