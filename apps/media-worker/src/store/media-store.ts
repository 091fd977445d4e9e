/**
 * media-store.ts: puts a finished download into its repo and hard-links it into chats. Safe to repeat after any stop:
 * the whole file stands in .incoming, then its chat links are made, then it takes its repo name, so a wanted file never has one link only.
 */
import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LinkMode } from '@tgsync/shared/config';
import { PermanentError, PersonError, RetryAfterError } from '@tgsync/shared/errors';
import {
  createPlain,
  flushFolder,
  holdsArchive,
  incomingFolder,
  incomingName,
  type Link,
  openPlain,
  plainFolder,
  probePrefix,
  putCopy,
  repoFolder,
  repoFolders,
  showInChat,
  tryLinks,
} from '@tgsync/shared/store';
import { diskTrouble } from './disk-errors.js';

export interface StoredFile {
  sha256: string;
  size: bigint;
}

/** How long a job waits for a media folder that went away. */
const notMountedMs = 30_000;

export class MediaStore {
  constructor(
    private readonly media: string,
    private readonly archiveId: string,
    private readonly mode: () => LinkMode = () => 'hard',
  ) {}

  /** Makes the folders, that of unfinished downloads too, and tries what the disk must be able to do. */
  async prepare(temp: string): Promise<void> {
    try {
      await mkdir(temp, { recursive: true });
      for (const folder of [incomingFolder, ...repoFolders]) await plainFolder(join(this.media, folder));
      this.refuseWithout(await tryLinks(this.mode(), join(this.media, incomingFolder)));
    } catch (error) {
      const trouble = diskTrouble(error);
      throw trouble === undefined ? error : new PersonError(`Files cannot be kept: ${trouble}`);
    }
  }

  /** Whether a whole file gets from /temp into /media by a rename; else it is copied, and needs its room there too. */
  async takesByRename(temp: string): Promise<boolean> {
    const probe = probePrefix + randomUUID();
    const [here, there] = [join(temp, probe), join(this.media, incomingFolder, probe)];
    try {
      await (await createPlain(here)).close();
      await rename(here, there);
      return true;
    } catch {
      return false;
    } finally {
      for (const path of [here, there]) await rm(path, { force: true });
    }
  }

  private refuseWithout(refusal: NodeJS.ErrnoException | undefined): void {
    if (!refusal) return;
    if (['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EIO'].includes(refusal.code ?? '')) throw refusal;
    const kind = this.mode() === 'hard' ? 'hard links' : 'symbolic links';
    throw new PersonError(
      `The file system of ${this.media} has no ${kind} (${refusal.code}). Choose another disk, or set media.link in ` +
        'config.json: "copy" (each chat gets a copy), "symlink" (a symbolic link), or "none" (only photo-by-id and documents-by-id).',
    );
  }

  /** Whether the repo has the file; throws when the media folder is not there, as then nobody knows. */
  async has(kind: string, fileName: string): Promise<boolean> {
    const found = await statOf(this.repoPath(kind, fileName));
    if (!found) await this.assertMounted();
    return found !== undefined;
  }

  /** A file that is whole though the database does not say so yet: placed, or about to be, when the last run was killed. */
  async findWhole(kind: string, fileName: string, size: bigint): Promise<string | undefined> {
    for (const path of [this.repoPath(kind, fileName), this.incomingPath(kind, fileName)]) {
      const found = await statOf(path);
      if (found?.isFile() && found.size === Number(size)) return path;
      if (found && path === this.repoPath(kind, fileName)) {
        throw new PermanentError(`${path} is there with another size than Telegram says; move it away and retry`);
      }
    }
    return undefined;
  }

  /** Takes a whole file from /temp, usually another mount, into .incoming. */
  async takeIn(source: string, kind: string, fileName: string): Promise<string> {
    await this.assertMounted();
    const target = this.incomingPath(kind, fileName);
    try {
      await rename(source, target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      await putCopy(source, target, `${target}.copy`); // the claim of the media keeps others away
    }
    return target;
  }

  /** SHA-256 and size of a file. */
  async fingerprint(path: string): Promise<StoredFile> {
    const hash = createHash('sha256');
    let size = 0;
    const handle = await openPlain(path, 'r');
    if (!handle) throw new Error(`${path} is not there any more, or no plain file`);
    const bytes: AsyncIterable<Buffer> = handle.createReadStream({ highWaterMark: 1024 * 1024 }); // closes the handle
    for await (const chunk of bytes) {
      hash.update(chunk);
      size += chunk.length;
    }
    return { sha256: hash.digest('hex'), size: BigInt(size) };
  }

  /** Links a whole file into chats, then gives it its repo name. */
  async place(path: string, kind: string, fileName: string, links: readonly Link[]): Promise<void> {
    const repo = this.repoPath(kind, fileName);
    for (const one of links) await showInChat(this.mode(), { media: this.media, source: path, repo }, one);
    if (path !== repo) await rename(path, repo);
    await flushFolder(join(repo, '..'));
  }

  /** Links a file of the repo into a chat; false: the file is not in the repo any more. */
  async linkSaved(kind: string, fileName: string, one: Link): Promise<boolean> {
    if (!(await this.has(kind, fileName))) return false;
    const repo = this.repoPath(kind, fileName);
    await showInChat(this.mode(), { media: this.media, source: repo, repo }, one);
    return true;
  }

  private async assertMounted(): Promise<void> {
    if (await holdsArchive(this.media, this.archiveId)) return;
    throw new RetryAfterError(notMountedMs, `${this.media} is not there (no marker file): is the disk mounted?`);
  }

  private repoPath(kind: string, fileName: string): string {
    return join(this.media, repoFolder(kind), fileName);
  }

  private incomingPath(kind: string, fileName: string): string {
    return join(this.media, incomingFolder, incomingName(kind, fileName));
  }
}

async function statOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
