/**
 * media-store.ts: puts a finished download into its repo and hard-links it into chats. Safe to repeat after any stop:
 * the whole file stands in .incoming, then its chat links are made, then it takes its repo name, so a wanted file never has one link only.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import {
  holdsArchive,
  incomingFolder,
  incomingLinkName,
  incomingName,
  repoFolder,
  repoFolders,
} from '@tgsync/shared/store';

export interface Link {
  chatId: bigint;
  name: string;
}

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
  ) {}

  /** Makes the folders, that of unfinished downloads too. */
  async prepare(temp: string): Promise<void> {
    await mkdir(temp, { recursive: true });
    for (const folder of [incomingFolder, ...repoFolders]) await mkdir(join(this.media, folder), { recursive: true });
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
      const partial = `${target}.copy`; // the claim of the media keeps others away
      try {
        await copyFile(source, partial);
        await sync(partial);
        await rename(partial, target);
      } finally {
        await rm(partial, { force: true });
      }
    }
    return target;
  }

  /** SHA-256 and size of a file. */
  async fingerprint(path: string): Promise<StoredFile> {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
    }
    return { sha256: hash.digest('hex'), size: BigInt(size) };
  }

  /** Links a whole file into chats, then gives it its repo name. */
  async place(path: string, kind: string, fileName: string, links: readonly Link[]): Promise<void> {
    for (const one of links) await this.linkFrom(path, one);
    const repo = this.repoPath(kind, fileName);
    if (path !== repo) await rename(path, repo);
    await syncFolder(join(repo, '..'));
  }

  /** Links a file of the repo into a chat; false: the file is not in the repo any more. */
  async linkSaved(kind: string, fileName: string, one: Link): Promise<boolean> {
    if (!(await this.has(kind, fileName))) return false;
    await this.linkFrom(this.repoPath(kind, fileName), one);
    return true;
  }

  private async linkFrom(path: string, { chatId, name }: Link): Promise<void> {
    const folder = join(this.media, chatId.toString());
    const target = join(folder, name);
    await mkdir(folder, { recursive: true });
    try {
      await link(path, target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const [mine, other] = [await lstat(path), await lstat(target)];
      if (mine.ino === other.ino && mine.dev === other.dev) return;
      // The name is this message's own: an earlier copy of the same media, whose repo file was lost with a power cut.
      const aside = join(this.media, incomingFolder, incomingLinkName(chatId, name));
      await rm(aside, { force: true });
      await link(path, aside);
      await rename(aside, target);
    }
    await syncFolder(folder);
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

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A new name is safe when its folder is flushed; not every system lets a folder be opened. */
async function syncFolder(path: string): Promise<void> {
  try {
    await sync(path);
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
