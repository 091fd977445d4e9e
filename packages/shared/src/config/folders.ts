/**
 * folders.ts: where files go if config.json says so, as that of the original tool does (download.media, download.incomplete). The
 * environment has the last word: in a container only whoever mounts a folder knows where it is. Pure.
 */
import { type Environment, placeOfPath } from './environment.js';
import type { Config } from './schema.js';

interface Folders {
  /** Finished files. */
  media: string;
  /** Unfinished downloads. */
  temp: string;
}

/** The folders of this archive, as absolute paths. */
export function foldersOf(config: Config, env: Environment): Folders {
  const { media = '/media', incomplete = '/temp' } = config.download;
  return { media: placeOfPath(media, env), temp: placeOfPath(ownName(incomplete), env) };
}

/** What the environment and config.json disagree on; a line each. */
export function folderProblems(config: Config, env: Environment): string[] {
  const { media, temp } = foldersOf(config, env);
  const { media: ofMedia = '/media', incomplete = '/temp' } = config.download;
  const isOwn = config.download.media === undefined && config.download.incomplete === undefined;
  return [
    ...(clashes(ofMedia, media, env, 'media') ? [conflict('download.media', 'TGSYNC_MEDIA', '/media')] : []),
    ...(clashes(ownName(incomplete), temp, env, 'temp')
      ? [conflict('download.incomplete', 'TGSYNC_TEMP', '/temp')]
      : []),
    ...(media === temp && !isOwn ? ['download.incomplete: the folder of the finished files; choose another one'] : []),
  ];
}

/** The original tool's own name of the folder. */
const ownName = (path: string) => path.replace(/^\/incomplete(?=\/|$)/, '/temp');

function clashes(given: string, place: string, env: Environment, folder: 'media' | 'temp'): boolean {
  const isWithin = /^\/(appdata|media|temp)(\/|$)/.test(given); // a folder of the environment
  return !isWithin && place !== env[folder] && !env.defaultFolders?.includes(folder);
}

const conflict = (setting: string, variable: string, name: string) =>
  `${setting}: another folder than ${variable} in the environment; remove one of them, or write "${name}" here, which is that folder`;
