/** progress.ts: how far a verification is, on standard error: a line that is written over on a terminal, one now and then elsewhere. */
import prettyBytes from 'pretty-bytes';
import prettyMilliseconds from 'pretty-ms';
import { printAside } from '../terminal.js';

/** Files and bytes that were looked at, of how many; the bytes are those that are read where files are read. */
export interface Progress {
  files: number;
  bytes: number;
}

/** Pure. */
export function progressLine(done: Progress, total: Progress, elapsedMs: number): string {
  const [part, whole] = total.bytes > 0 ? [done.bytes, total.bytes] : [done.files, total.files];
  const share = whole === 0 ? 1 : Math.min(1, part / whole);
  const leftMs = share > 0 ? (elapsedMs / share) * (1 - share) : undefined;
  return [
    `${done.files.toLocaleString('en')} of ${total.files.toLocaleString('en')} files`,
    ...(total.bytes > 0 ? [`${prettyBytes(done.bytes)} of ${prettyBytes(total.bytes)}`] : []),
    `${Math.floor(share * 100)} %`,
    leftMs === undefined ? '' : `${prettyMilliseconds(Math.round(leftMs / 1000) * 1000)} left`,
  ]
    .filter(Boolean)
    .join(', ');
}

const onTerminalMs = 500;
const elsewhereMs = 10_000;

/** Shows what `line` says until it is stopped. */
export function showProgress(line: () => string): { stop(): void } {
  const { stderr } = process;
  let shown = false;
  const show = () => {
    shown = true;
    if (stderr.isTTY) stderr.write('\r\u001B[K');
    printAside(line(), stderr.isTTY ? '' : '\n');
  };
  const timer = setInterval(show, stderr.isTTY ? onTerminalMs : elsewhereMs);
  return {
    stop() {
      clearInterval(timer);
      if (shown && stderr.isTTY) stderr.write('\r\u001B[K');
    },
  };
}
