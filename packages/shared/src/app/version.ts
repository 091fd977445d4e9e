/** version.ts: the version from package.json, compiled in because the code cannot find that file. */
export const version = '0.1.0';
