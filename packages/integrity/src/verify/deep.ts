/**
 * deep.ts: reads whole files and compares their SHA-256. What was read is recorded within a second, so that a verification
 * that was stopped goes on where it was.
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
import { hashFile } from '../disk/look.js';
import { paced } from './pace.js';

export interface DeepOptions {
  /** Read every file that was not read since the run began; else only those that were found wrong before. */
  deep: boolean;
  fresh: boolean;
  /** Bytes a second. */
  rate: number;
}

const recordEveryMs = 1000;
const recordAtMost = 200;

export class DeepCheck {
  /** Of the repos; copies in chats are read too where there are any. */
  readonly read = { files: 0, bytes: 0 };
  private right: MediaRef[] = [];
  private recordedAt = performance.now();
  private readonly pace: (bytes: number) => Promise<void>;

  private constructor(
    private readonly db: Db,
    private readonly signal: AbortSignal,
    rate: number,
    /** When this run began; undefined: it is not deep. */
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

  /** The SHA-256 of a file, or of a chat's copy of it, if it is another one than was recorded. */
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

  /** Every byte of a media was read, those of its copies too, and is right. */
  async noteRight({ kind, id }: CheckedMedia): Promise<void> {
    this.right.push({ kind, id });
    if (this.right.length >= recordAtMost || performance.now() - this.recordedAt > recordEveryMs) await this.record();
  }

  /** Records what was read; also after an interruption. */
  async record(): Promise<void> {
    const right = this.right;
    this.right = [];
    this.recordedAt = performance.now();
    if (right.length > 0) await recordVerified(this.db, right);
  }

  /** Every file was looked at: the next deep verification begins again. */
  async finish(): Promise<void> {
    await this.record();
    if (this.began) await finishDeep(this.db);
  }
}
