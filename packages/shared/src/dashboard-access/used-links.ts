/**
 * used-links.ts: records which one-time links were used: one empty file each, which the kernel creates at most once, kept until the link
 * expires anyway.
 */
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** false: it was used before, or its use cannot be recorded, which counts the same. `nonce` is a file name of letters, digits, - and _. */
export function spend(
  folder: string,
  { nonce, expiresAt }: { nonce: string; expiresAt: number },
  now: number,
): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!lstatSync(folder).isDirectory()) return false;
    closeSync(openSync(join(folder, `${expiresAt}.${nonce}`), 'wx', 0o600));
  } catch {
    return false;
  }
  sweep(folder, now);
  return true;
}

function sweep(folder: string, now: number): void {
  for (const name of readdirSync(folder)) {
    const [, expiresAt] = /^(\d{1,15})\.[\w-]{22}$/.exec(name) ?? [];
    if (expiresAt !== undefined && Number(expiresAt) < now) rmSync(join(folder, name), { force: true });
  }
}
