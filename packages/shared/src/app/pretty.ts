/** pretty.ts: log lines for a person at a terminal. */
import { createRequire } from 'node:module';

/** Loaded only for a terminal, as it takes time at every start. */
export function pinoPretty() {
  const { PinoPretty } = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty');
  return PinoPretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true });
}
