/**
 * progress.ts: shows on standard error how far a verification is: on a terminal a line that is overwritten, elsewhere one every few
 * seconds.
 */
import type { Checks } from '@tgsync/integrity';
import prettyBytes from 'pretty-bytes';
import prettyMilliseconds from 'pretty-ms';
import { printAside } from '../terminal.js';

/** Files and bytes checked so far, or in all; bytes only if file contents are read. */
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

/** Shows the text returned by `line` until it is stopped; undefined: nothing yet. */
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

/** Shows how many are done while `work` is running. */
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
  const { deep, checked } = checks;
  return showProgress(() => {
    if (!checks.total) return undefined;
    const files = deep.began ? deep.read.files : checked.files;
    return progressLine({ files, bytes: deep.read.bytes }, checks.total, performance.now() - checks.total.began);
  });
}
