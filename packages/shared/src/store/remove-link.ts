/**
 * remove-link.ts: removes our own files from /media: links in the folders of chats, and files of the repos. What a person put in their place
 * stays. Safe to repeat.
 */
import type { Stats } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PersonError } from '../errors/index.js';
import type { Link } from './chat-links.js';
import { fingerprintOf } from './fingerprint.js';
import { flushFolder } from './flush.js';
import { type FileOf, folderOf, linkTarget, repoFolder } from './layout.js';
import { holdsArchive } from './marker.js';
import { hasPlainFolders, inspectPath, removePlain, requirePlain } from './plain.js';

export interface Removal {
  media: string;
  archiveId: string;
}

/** A file as the database knows it; null: it was never complete. */
export interface RemovedFile extends Pick<FileOf, 'kind'> {
  fileName: string | null;
  sha256: string | null;
  size: bigint;
}

/** Removes a link of a file. Throws a PersonError if the folder is not mounted. */
export async function removeLink(where: Removal, file: RemovedFile, one: Link): Promise<void> {
  await requireMounted(where);
  const folder = folderOf(one);
  if (!(await hasPlainFolders(where.media, folder))) return;
  await removeOurs(where, file, join(where.media, folder), one.name, folder);
}

/** Removes the file itself from its repo. Throws a PersonError if the folder is not mounted. */
export async function removeFromRepo(where: Removal, file: RemovedFile): Promise<void> {
  if (file.fileName === null) return;
  await requireMounted(where);
  const folder = repoFolder(file.kind);
  if (!(await hasPlainFolders(where.media, folder))) return;
  await removeOurs(where, file, join(where.media, folder), file.fileName, folder);
}

/** Whether its repo has the file. Throws a PersonError if the folder is not mounted. */
export async function isInRepo(where: Removal, { kind, fileName }: RemovedFile): Promise<boolean> {
  await requireMounted(where);
  return fileName !== null && (await inspectPath(join(where.media, repoFolder(kind), fileName))) !== undefined;
}

async function requireMounted({ media, archiveId }: Removal): Promise<void> {
  if (!(await holdsArchive(media, archiveId)))
    throw new PersonError(`${media} has no marker file. Is the disk mounted?`);
}

async function removeOurs(
  { media }: Removal,
  file: RemovedFile,
  at: string,
  name: string,
  folder: string,
): Promise<void> {
  const path = join(at, name);
  const found = await inspectPath(path);
  if (!found || !(await isOurs(media, file, path, found, folder))) return;
  await removePlain(path);
  await flushFolder(at);
}

async function isOurs(
  media: string,
  { kind, fileName, sha256, size }: RemovedFile,
  path: string,
  found: Stats,
  folder: string,
): Promise<boolean> {
  if (found.isSymbolicLink()) return fileName !== null && (await readlink(path)) === linkTarget(kind, fileName, folder);
  if (!found.isFile() || found.size !== Number(size)) return false;
  const repo = fileName === null ? undefined : join(media, repoFolder(kind), fileName);
  const saved = repo === undefined || repo === path ? undefined : await inspectPath(repo);
  if (saved?.ino === found.ino && saved.dev === found.dev) return true;
  return sha256 !== null && (await hashOf(path)) === sha256;
}

async function hashOf(path: string): Promise<string> {
  const handle = await requirePlain(path);
  try {
    return (await fingerprintOf(handle)).sha256;
  } finally {
    await handle.close();
  }
}
