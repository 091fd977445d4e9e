/**
 * shares.ts: what the parts of a download cost on this machine by themselves, in CPU seconds a GiB: so much of what a media worker needs is
 * decryption, so much is what keeps a file right and safe. In pieces of 512 KiB, as they arrive.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseIge } from '@tgsync/shared/crypto';
import type { Cipher } from '@tgsync/shared/config';

const piece = randomBytes(512 * 1024);
const pieces = 256;
/** As often as a media worker flushes. */
const flushEvery = 32;

/** CPU seconds of this process for a GiB. */
function costOf(work: (index: number) => void): string {
  work(0); // compiled, and its memory there
  const before = process.cpuUsage();
  for (let index = 0; index < pieces; index++) work(index);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  return `${((seconds * 2 ** 30) / (pieces * piece.length)).toFixed(2)} CPU s a GiB`;
}

export function sharesOfDownloads(ciphers: readonly Cipher[]): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'tgsync-bench-'));
  const file = openSync(join(folder, 'probe'), 'w');
  const write = (index: number) => writeSync(file, piece, 0, piece.length, index * piece.length);
  const [key, iv] = [randomBytes(32), randomBytes(32)];
  const decryption = ciphers.map((name) => {
    const { ige } = chooseIge(name);
    return [`decryption, ${name}`, costOf(() => ige.decrypt(Buffer.from(piece), key, iv))] as const;
  });
  const shares = {
    ...Object.fromEntries(decryption),
    'one SHA-256 (a message key, or a file)': costOf(() => createHash('sha256').update(piece).digest()),
    'writing without flushes': costOf(write),
    'writing with flushes': costOf((index) => {
      write(index);
      if (index % flushEvery === flushEvery - 1) fdatasyncSync(file);
    }),
  };
  closeSync(file);
  rmSync(folder, { recursive: true });
  return shares;
}
