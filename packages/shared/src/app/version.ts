/** version.ts: which version this is: the one of package.json, where the code cannot find that file. */
export const version = '0.1.0';
