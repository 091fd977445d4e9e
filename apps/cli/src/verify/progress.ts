/** progress.ts: how far a verification is, on standard error: a line that is written over on a terminal, one now and then elsewhere. */
import type { Checks } from '@tgsync/integrity';
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

/** Shows what `line` says until it is stopped; undefined: nothing yet. */
function showProgress(line: () => string | undefined): { stop(): void } {
  const { stderr } = process;
  let shown = false;
  const show = () => {
    const text = line();
    if (text === undefined) return;
    shown = true;
    if (stderr.isTTY) stderr.write('\r\u001B[K');
    printAside(text, stderr.isTTY ? '' : '\n');
  };
  const timer = setInterval(show, stderr.isTTY ? onTerminalMs : elsewhereMs);
  return {
    stop() {
      clearInterval(timer);
      if (shown && stderr.isTTY) stderr.write('\r\u001B[K');
    },
  };
}

/** Shows how many are done while `work` is at it. */
export async function showCounts<T>(
  text: (done: string, total: string) => string,
  work: (onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  let line: string | undefined;
  const progress = showProgress(() => line);
  try {
    return await work((done, total) => (line = text(done.toLocaleString('en'), total.toLocaleString('en'))));
  } finally {
    progress.stop();
  }
}

/** Shows how far the checks of files are. */
export function showChecks(checks: Checks): { stop(): void } {
  const { deep, looked } = checks;
  return showProgress(() => {
    if (!checks.total) return undefined;
    const files = deep.began ? deep.read.files : looked.files;
    return progressLine({ files, bytes: deep.read.bytes }, checks.total, performance.now() - checks.total.began);
  });
}
