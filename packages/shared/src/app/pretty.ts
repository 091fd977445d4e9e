/** pretty.ts: log lines for a person at a terminal. */
import { PinoPretty } from 'pino-pretty';

export function pinoPretty() {
  return PinoPretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true });
}
