/**
 * media-store.ts: puts a finished download into its repo and hard-links it into chats. Safe to repeat after any stop, by any owner: the
 * complete file is in .incoming, then its chat links are made, then it gets its repo name, so a wanted file never has only one link.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LinkMode } from '../config/index.js';
import { PermanentError, PersonError, RetryAfterError } from '../errors/index.js';
import { type CopyReason, type Link, linkNew, probePrefix, putCopy, showInChat, tryLinks } from './chat-links.js';
import { lowerTime, setTime } from './file-time.js';
import { flushFolder } from './flush.js';
import { FreshFolders } from './fresh-folders.js';
import { folderOf, incomingFolder, repoFolder, repoFolders } from './layout.js';
import { holdsArchive } from './marker.js';
import {
  createPlain,
  hasPlainFolders,
  isStillAt,
  inspectPath,
  nameOf,
  requirePlain,
  plainFolder,
  removePlain,
} from './plain.js';
import { diskTrouble } from './disk-errors.js';
import { fingerprintOf, type StoredFile } from './fingerprint.js';
import type { Held } from './held.js';
import { adoptIncoming, incomingPath, sweepIncoming } from './incoming.js';
import { ReplacedError } from './part-file.js';

/** How long a job waits when a media folder is missing, or is not what it should be. */
const notReadyMs = 30_000;
/** For how long a check of the folders counts, where nothing is concluded from what is missing. */
const freshMs = 100;
/** When to check again a file that somebody else has just placed. */
const takenMs = 1000;
/** The file system has no hard links, or allows no more for this file. */
const noMoreLinks = new Set(['EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** The files of an archive in /media. `mode`: how chats show them, as set by media.link. */
export class MediaStore {
  /** When the folders of a kind were last found to be in order. */
  private readonly checkedAt = new Map<string, number>();
  private readonly chatFolders = new FreshFolders(freshMs);

  constructor(
    private readonly media: string,
    private readonly archiveId: string,
    private readonly mode: () => LinkMode = () => 'hard',
  ) {}

  /** Creates the folders, including that of unfinished downloads, and tests what the disk must support. */
  async prepare(temp: string): Promise<void> {
    try {
      await mkdir(temp, { recursive: true });
      for (const folder of [incomingFolder, ...repoFolders]) await plainFolder(join(this.media, folder));
      this.refuseWithout(await tryLinks(this.mode(), join(this.media, incomingFolder)));
    } catch (error) {
      const trouble = diskTrouble(error);
      throw trouble === undefined ? error : new PersonError(`Cannot store files: ${trouble}`);
    }
  }

  /** Whether a complete file gets from /temp into /media by a rename; otherwise it is copied, and needs its space there as well. */
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
      `The file system of ${this.media} does not support ${kind} (${refusal.code}). Choose another disk, or set media.link in ` +
        'config.json: "copy" (each chat gets a copy), "symlink" (a symbolic link), or "none" (only photo-by-id and documents-by-id).',
    );
  }

  /** Whether the repo has the file, and nothing else by that name. Throws if the media folder is missing, as then nobody can tell. */
  async has(kind: string, fileName: string): Promise<boolean> {
    await this.ready(kind);
    return (await inspectPath(this.repoPath(kind, fileName)))?.isFile() ?? false;
  }

  /** Whether there is nothing by this name in the repo. */
  async lacks({ kind }: Held, fileName: string): Promise<boolean> {
    await this.stillReady(kind);
    return (await inspectPath(this.repoPath(kind, fileName))) === undefined;
  }

  /**
   * Finds a file that is complete although the database does not say so yet: it was placed, or about to be, when the last run was
   * killed. Name and size prove nothing: it is ours if it has the hash that was recorded before it left /temp. Undefined if there is
   * none. Throws a {@link ClaimLostError}.
   */
  async findWhole(held: Held, fileName: string, size: bigint, sha256: string | null): Promise<string | undefined> {
    const { kind } = held;
    await this.stillReady(kind);
    const isOurs = async (path: string) => sha256 !== null && (await this.fingerprint(path)).sha256 === sha256;
    const repo = this.repoPath(kind, fileName);
    const found = await inspectPath(repo);
    if (found) {
      if (!found.isFile()) throw inTheWay(repo, `${nameOf(found)} instead of a file`);
      if (found.size !== Number(size)) throw inTheWay(repo, "already there, but its size differs from Telegram's");
      if (await isOurs(repo)) return repo;
    }
    if (held.isFirst) return undefined;
    return await adoptIncoming(this.media, held, fileName, async (path) => {
      const whole = await inspectPath(path);
      return whole !== undefined && whole.isFile() && whole.size === Number(size) && (await isOurs(path));
    });
  }

  /**
   * Finds a file of the right name and size in the repo that the database knows nothing else about, from an earlier database or from
   * after this one's backup. It is ours if Telegram's hashes confirm it.
   */
  async findUnproven(kind: string, fileName: string, size: bigint): Promise<string | undefined> {
    const repo = this.repoPath(kind, fileName);
    const found = await inspectPath(repo);
    return found?.isFile() && found.size === Number(size) ? repo : undefined;
  }

  /**
   * Takes a complete file from /temp, usually another mount, into .incoming. Takes the file that was opened, even if another one has
   * its name by now.
   */
  async takeIn(source: { path: string; handle: FileHandle }, held: Held, fileName: string): Promise<string> {
    await this.stillReady(held.kind);
    const { path, handle } = source;
    const target = incomingPath(this.media, held, fileName);
    if (!(await isStillAt(path, handle))) throw new ReplacedError(path);
    try {
      await rename(path, target);
      if (await isStillAt(target, handle)) return target;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EISDIR')
        throw new PersonError(`${target} is a folder where tgsync needs to put a file. Move it away.`);
      if (code !== 'EXDEV') throw error;
      await putCopy(handle, target, `${target}.copy`);
      return target;
    }
    await removePlain(target);
    throw new ReplacedError(path);
  }

  /** Writes a complete file, flushed, into .incoming. */
  async takeInBytes(bytes: Uint8Array, held: Held, fileName: string): Promise<string> {
    await this.stillReady(held.kind);
    const path = incomingPath(this.media, held, fileName);
    const handle = await createPlain(path);
    try {
      for (let done = 0; done < bytes.length;)
        done += (await handle.write(bytes, done, bytes.length - done, done)).bytesWritten;
      await handle.sync();
    } finally {
      await handle.close();
    }
    return path;
  }

  /** Removes what the holder of a claim took in. */
  async removeTakenIn(held: Held, fileName: string): Promise<void> {
    await removePlain(incomingPath(this.media, held, fileName));
  }

  /** SHA-256 and size of a file. */
  async fingerprint(path: string): Promise<StoredFile> {
    const handle = await requirePlain(path);
    try {
      return await fingerprintOf(handle);
    } finally {
      await handle.close();
    }
  }

  /** The path to link a complete file from: the repo if it already has these bytes. */
  async sourceOf(path: string, kind: string, fileName: string): Promise<string> {
    await this.stillReady(kind);
    const repo = this.repoPath(kind, fileName);
    return path !== repo && (await this.isInRepo(repo, path)) ? repo : path;
  }

  /** Shows a complete file in a chat where nothing has the name of its link; false: see {@link show}. */
  async showNew(source: string, one: Link): Promise<boolean> {
    return this.mode() === 'hard' && (await linkNew(this.media, source, one, this.chatFolders));
  }

  /** Shows a complete file in a chat; returns why it is a copy if the disk refused the link. */
  async show(source: string, { kind, claim }: Held, fileName: string, one: Link): Promise<CopyReason | undefined> {
    return await showInChat(this.mode(), { media: this.media, source, kind, fileName, claim }, one);
  }

  /** Gives a complete file the date of the first message that holds it. */
  async date(path: string, date: Date | null): Promise<void> {
    await setTime(path, date);
  }

  /** The same for a saved file, when a message with this date was found later. `first`: the date of the first message. */
  async lowerDate(kind: string, fileName: string, date: Date | null, first: () => Promise<Date | null>): Promise<void> {
    await lowerTime(this.repoPath(kind, fileName), date, first);
  }

  /**
   * Gives a file that is linked into chats its repo name, and removes it from .incoming. Returns true if the repo has a copy because
   * .incoming is on another branch of a union of disks; the links then have to be made again.
   */
  async keep(path: string, source: string, held: Held, fileName: string): Promise<boolean> {
    const repo = this.repoPath(held.kind, fileName);
    const copied = source !== repo && (await this.move(path, repo));
    if (!held.isFirst) await sweepIncoming(this.media, held);
    await flushFolder(join(repo, '..'));
    return copied;
  }

  /** Removes what earlier owners left in .incoming of a file that has been placed. */
  async sweep(held: Held): Promise<void> {
    await this.stillReady(held.kind);
    await sweepIncoming(this.media, held);
  }

  /** Never overwrites: a worker whose claim has lapsed must not replace what its successor placed. */
  private async move(path: string, repo: string): Promise<boolean> {
    let copied = false;
    try {
      await link(path, repo);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw new RetryAfterError(takenMs, `${repo} was put there in the meantime`);
      if (code === 'EXDEV') {
        await putCopy(path, repo, `${path}.copy`);
        copied = true;
      } else if (noMoreLinks.has(code) && !(await inspectPath(repo))) {
        await rename(path, repo);
        return false;
      } else throw error;
    }
    await removePlain(path);
    return copied;
  }

  /**
   * Whether the repo already has the same bytes, which then stay there with all their links. Throws if it has other ones: those are the
   * person's.
   */
  private async isInRepo(repo: string, path: string): Promise<boolean> {
    if (!(await inspectPath(repo))) return false;
    if ((await this.fingerprint(repo)).sha256 === (await this.fingerprint(path)).sha256) return true;
    throw inTheWay(repo, "already there, but its bytes differ from Telegram's");
  }

  /**
   * What of the person's own has the place of a link: another file than that at `source`, or a file where a template wants a folder. A
   * symbolic link does not count as a file: it is replaced, and its target stays.
   */
  async takenBy(one: Link, source: string, stored: StoredFile): Promise<'file' | 'file-as-folder' | undefined> {
    if (this.mode() === 'none') return undefined;
    const folder = folderOf(one);
    if (one.folder && (await inspectPath(join(this.media, folder)))?.isFile()) return 'file-as-folder';
    if (!(await hasPlainFolders(this.media, folder))) return undefined;
    return (await this.isOther(join(this.media, folder, one.name), source, stored)) ? 'file' : undefined;
  }

  private async isOther(path: string, source: string, { sha256, size }: StoredFile): Promise<boolean> {
    const [found, mine] = [await inspectPath(path), await inspectPath(source)];
    if (!found || found.isSymbolicLink()) return false;
    if (!found.isFile() || found.size !== Number(size)) return true;
    if (found.ino === mine?.ino && found.dev === mine.dev) return false;
    return (await this.fingerprint(path)).sha256 !== sha256;
  }

  /** The path of a file of the repo. */
  savedPath(kind: string, fileName: string): string {
    return this.repoPath(kind, fileName);
  }

  /**
   * Checks that the folders exist, belong to this archive, and are no symbolic links, as anybody who can write to /media can change them at
   * any time. If the check fails, work waits: no media is to blame.
   */
  private async ready(kind: string): Promise<void> {
    const began = performance.now();
    await this.check(kind);
    this.checkedAt.set(kind, began);
  }

  /** The same before a step that takes a moment, one of several of a file: the check of a moment ago says as much as a new one. */
  private async stillReady(kind: string): Promise<void> {
    if (performance.now() - (this.checkedAt.get(kind) ?? -Infinity) > freshMs) await this.ready(kind);
  }

  private async check(kind: string): Promise<void> {
    try {
      if (!(await holdsArchive(this.media, this.archiveId)))
        throw new PersonError(`${this.media} has no marker file. Is the disk mounted?`);
      for (const folder of [incomingFolder, repoFolder(kind)]) await plainFolder(join(this.media, folder));
    } catch (error) {
      throw error instanceof PersonError ? new RetryAfterError(notReadyMs, error.message) : error;
    }
  }

  private repoPath(kind: string, fileName: string): string {
    return join(this.media, repoFolder(kind), fileName);
  }
}

function inTheWay(path: string, what: string): PermanentError {
  return new PermanentError(`${path} is ${what}; move it away and retry`);
}
