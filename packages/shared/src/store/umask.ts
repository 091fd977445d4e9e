/** umask.ts: who else may read the files and folders that this process makes in /media and /temp, as media.umask says. */

/** What the process was started with. */
let inherited: number | undefined;

/** null: what the process was started with. What is there already keeps its mode. */
export function useUmask(umask: number | null): void {
  if (umask === null) {
    if (inherited !== undefined) process.umask(inherited);
    return;
  }
  const before = process.umask(umask);
  inherited ??= before;
}
