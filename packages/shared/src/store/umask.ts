/** umask.ts: who else may read the files and folders that this process creates in /media and /temp, as set by media.umask. */

/** The umask that the process was started with. */
let inherited: number | undefined;

/** Sets the umask; null restores the one that the process was started with. Existing files keep their mode. */
export function useUmask(umask: number | null): void {
  if (umask === null) {
    if (inherited !== undefined) process.umask(inherited);
    return;
  }
  const before = process.umask(umask);
  inherited ??= before;
}
