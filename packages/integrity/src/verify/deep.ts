/**
 * deep.ts: reads whole files and compares their SHA-256. What was read is recorded within a second, so that an interrupted verification
 * continues where it stopped.
 */
import {
  beginDeep,
  type CheckedMedia,
  type Db,
  finishDeep,
  type MediaRef,
  recordDamaged,
  recordVerified,
} from '@tgsync/shared/db';
import { hashFile } from '../disk/inspect.js';
import { paced } from './pace.js';

export interface DeepOptions {
  /** Read every file not read since the run began; otherwise only those found wrong before. */
  deep: boolean;
  fresh: boolean;
  /** Bytes per second. */
  rate: number;
}

const recordEveryMs = 1000;
const recordAtMost = 200;

export class DeepCheck {
  /** Files of the repos; copies in chats are read as well. */
  readonly read = { files: 0, bytes: 0 };
  private right: MediaRef[] = [];
  private recordedAt = performance.now();
  private readonly pace: (bytes: number) => Promise<void>;

  private constructor(
    private readonly db: Db,
    private readonly signal: AbortSignal,
    rate: number,
    /** When this run began; undefined if it is not deep. */
    readonly began: Date | undefined,
  ) {
    this.pace = paced(rate, signal);
  }

  static async begin(db: Db, signal: AbortSignal, { deep, fresh, rate }: DeepOptions): Promise<DeepCheck> {
    return new DeepCheck(db, signal, rate, deep ? await beginDeep(db, fresh) : undefined);
  }

  wants({ verifiedAt, damagedAt }: CheckedMedia): boolean {
    if (damagedAt) return true;
    return this.began !== undefined && (verifiedAt === null || verifiedAt < this.began);
  }

  /** The SHA-256 of a file, or of a chat's copy of it, if it differs from the recorded one. */
  async differs(media: CheckedMedia, path: string, isCopy: boolean): Promise<string | undefined> {
    const onBytes = async (bytes: number) => {
      if (!isCopy) this.read.bytes += bytes;
      await this.pace(bytes);
    };
    const sha256 = await hashFile(path, { signal: this.signal, onBytes });
    if (!isCopy) this.read.files++;
    if (sha256 === media.sha256) return undefined;
    await recordDamaged(this.db, media);
    return sha256;
  }

  /** Records that every byte of a media and its copies was read and is right. */
  async noteRight({ kind, id }: CheckedMedia): Promise<void> {
    this.right.push({ kind, id });
    if (this.right.length >= recordAtMost || performance.now() - this.recordedAt > recordEveryMs) await this.record();
  }

  /** Writes what was read to the database; also called after an interruption. */
  async record(): Promise<void> {
    const right = this.right;
    this.right = [];
    this.recordedAt = performance.now();
    if (right.length > 0) await recordVerified(this.db, right);
  }

  /** Every file was checked: the next deep verification starts anew. */
  async finish(): Promise<void> {
    await this.record();
    if (this.began) await finishDeep(this.db);
  }
}
